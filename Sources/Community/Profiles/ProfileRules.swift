import Features
import Foundation
import Kernel
import People

/// What may stand in a profile.
enum ProfileRules {
    static let maximumLinks = 10

    /// A name of the IANA's time zone database, such as `Europe/Berlin` or `UTC`.
    static let timezone = JSONReader.string(1...64).checked("must be a time zone of the IANA, such as Europe/Berlin") {
        (name: String) -> String? in
        // What has no slash is an abbreviation or a number of hours, which stand for no place's clock.
        let isName = name == "UTC" || name.contains("/") && name.utf8.allSatisfy(isPartOfName)
        return isName && TimeZone(identifier: name) != nil ? name : nil
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }

    static let links = JSONReader<[Profile.Link]>.array(
        of: .object(
            JSONInput(
                "SocialLinkDraft", .required("name", NameRules.name(1...30)), .required("url", WebLink.plain),
                make: { (name, url) throws(APIError) in Profile.Link(name: name, url: url) })),
        count: 0...maximumLinks)

    static let circles = JSONReader<[Profile.Field: Circle]>.object(
        JSONInput(
            "ProfileVisibilityChange",
            .replacement(Profile.Field.bio.rawValue, .oneOf(Circle.self)),
            .replacement(Profile.Field.pronouns.rawValue, .oneOf(Circle.self)),
            .replacement(Profile.Field.socialLinks.rawValue, .oneOf(Circle.self)),
            .replacement(Profile.Field.accentColor.rawValue, .oneOf(Circle.self)),
            .replacement(Profile.Field.timezone.rawValue, .oneOf(Circle.self)),
            .replacement(Profile.Field.location.rawValue, .oneOf(Circle.self)),
            make: { (bio, pronouns, links, color, timezone, location) throws(APIError) in
                let circles: [Profile.Field: Circle?] = [
                    .bio: bio, .pronouns: pronouns, .socialLinks: links, .accentColor: color, .timezone: timezone,
                    .location: location,
                ]
                return circles.compactMapValues { $0 }
            }))
}
