import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension UserSettings {
    private static let value = NameRules.text(0...10_000)

    /// A body with any keys.
    private static let bulk = JSONReader<[String: String]>(.map(of: .string(length: 0...10_000))) { json in
        guard let members = json.object, (1...maximumCount).contains(members.count) else {
            return .failure(.init("must be an object of 1 to \(maximumCount) settings"))
        }
        var values: [String: String] = [:]
        for (key, member) in members {
            do throws(APIError) {
                values[try check(key)] = try value.value(of: member, named: key)
            } catch {
                return .failure(
                    .init("\(key.beginning(.scalars(100))): \(error.details.first?.message ?? "is not valid")"))
            }
        }
        return .success(values)
    }

    private static let valueInput = JSONInput(
        "SettingValue", .required("value", value), make: { (value) throws(APIError) in value })

    /// They are reachable under two paths.
    package var routes: [Route] { ["/users/@me/settings", "/settings"].flatMap(routes(at:)) }

    private func routes(at path: String) -> [Route] {
        [
            .authenticated(.get, path, "Read one's settings", takes: .nothing, returns: SettingValues.self) {
                caller, _ in .ok(try await list(of: caller))
            },
            .authenticated(
                .put, "\(path)/bulk", "Set several settings", takes: .body(Self.bulk), returns: SettingValues.self
            ) { caller, call in .ok(try await set(call.body, by: caller)) }
            .limited(by: .settings),
            .authenticated(
                .get, "\(path)/{key}", "Read a setting", takes: .nothing, returns: UserSetting.self,
                errors: [.settingNotFound, .invalidInput]
            ) { caller, call in .ok(try await read(try Self.check(call.text("key")), of: caller)) },
            .authenticated(
                .put, "\(path)/{key}", "Set a setting", takes: .body(Self.valueInput), returns: UserSetting.self
            ) { caller, call in
                let key = try Self.check(call.text("key"))
                _ = try await set([key: call.body], by: caller)
                return .ok(UserSetting(key: key, value: call.body))
            }
            .limited(by: .settings),
            .authenticated(
                .delete, "\(path)/{key}", "Delete a setting", takes: .nothing, returns: Success.self,
                errors: [.settingNotFound, .invalidInput]
            ) { caller, call in
                try await delete(try Self.check(call.text("key")), by: caller)
                return .success
            },
        ]
    }
}
