import Features
import HTTPTypes
import Kernel
import WebAPI
import WebPush

extension PushTokens {
    private static let paths = ["/users/@me/push/tokens", "/features/push/tokens"]

    private static let keys = JSONReader<SubscriptionKeyDraft>.object(
        JSONInput(
            "PushKeys", .required("p256dh", .string(80...100)), .required("auth", .string(16...32)),
            make: { (point, secret) throws(APIError) in
                let (point, secret) = (Base64URL.decode(point) ?? [], Base64URL.decode(secret) ?? [])
                do throws(PushError) {
                    _ = try SubscriptionKeys(publicKey: point, secret: secret)
                } catch {
                    let field = error == .malformedSecret ? "auth" : "p256dh"
                    throw .invalidInput(field, "is not what a browser's subscription has")
                }
                return SubscriptionKeyDraft(publicKey: point, secret: secret)
            }))

    /// An address, or what Apple's and Google's services call a device.
    private static let name = JSONReader.string(1...4096).checked("must be of visible signs of ASCII") {
        (name: String) -> String? in
        name.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? name : nil
    }

    private static let draftInput = JSONInput(
        "PushTokenDraft",
        .required("token", name), .required("platform", .oneOf(PushToken.Platform.self)),
        .optional("device_id", NameRules.line(100)), .optional("app_version", NameRules.line(30)),
        .optional("keys", keys),
        make: { (token, platform, device, version, keys) throws(APIError) in
            // Hexadecimal digits may come in either case.
            let token = platform == .ios ? token.lowercased() : token
            return Draft(platform: platform, token: token, deviceID: device, appVersion: version, keys: keys)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .get, Self.paths[0], "List the devices that are told of what one missed", takes: .nothing,
                returns: [ListedPushToken].self
            ) { caller, _ in .ok(try await list(of: caller)) }
            .forPeople,
            .authenticated(
                .get, Self.paths[1], "The same, by another name", takes: .nothing, returns: PushTokenList.self
            ) { caller, _ in .ok(PushTokenList(tokens: try await list(of: caller))) }
            .forPeople,
            .authenticated(
                .post, Self.paths[0], "Have this device told of what one missed, as long as its login lasts",
                takes: .body(Self.draftInput), returns: ListedPushToken.self, statuses: [.created],
                errors: [.moduleNotAvailable]
            ) { caller, call in .created(try await add(call.body, by: caller)) }
            .limited(by: .push).forPeople,
            .authenticated(
                .post, Self.paths[1], "The same, by another name", takes: .body(Self.draftInput),
                returns: PushTokenRecord.self, statuses: [.created], errors: [.moduleNotAvailable]
            ) { caller, call in .created(PushTokenRecord(token: try await add(call.body, by: caller))) }
            .limited(by: .push).forPeople,
            .open(
                .get, "/push/vapid-key", "The key that browsers subscribe with", takes: .nothing, returns: PushKey.self,
                errors: [.moduleNotAvailable]
            ) { _ in .ok(PushKey(publicKey: try available().key.publicKey)) },
        ] + Self.paths.map(removal(at:))
    }

    private func removal(at path: String) -> Route {
        .authenticated(
            .delete, "\(path)/{token_id}", "Have a device told no more; it is named by its id or its whole token",
            takes: .nothing, returns: Success.self, errors: [.resourceNotFound]
        ) { caller, call in
            try await remove(call.text("token_id"), by: caller)
            return .success
        }
        .limited(by: .push).forPeople
    }
}

extension Pushes {
    package var routes: [Route] {
        [
            .authenticated(
                .post, "/users/@me/push/test", "Have all one's devices told something, to see that it comes",
                takes: .nothing, returns: PushTest.self, errors: [.moduleNotAvailable]
            ) { caller, _ in .ok(try await test(of: caller)) }
            .limited(by: .pushTest).forPeople
        ]
    }
}
