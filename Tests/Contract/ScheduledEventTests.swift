import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Scheduled events")
struct ScheduledEventTests {
    private static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (EventTests.Scene) async throws -> Void
    ) async throws {
        try await EventTests.with(kind, body)
    }

    // MARK: Planning

    @Test("an event is planned, changed and deleted, of which members are told", arguments: DatabaseKind.allCases)
    func life(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let plan = try await alice.plans(
                "Picnic", in: nest, after: 7200,
                ["description": "Bring cake", "timezone": "Europe/Berlin"])
            #expect(plan.json["status"] == "scheduled" && plan.json["entity_type"] == "external")
            #expect(plan.json["location"] == "The park" && plan.json["channel_id"] == .null)
            #expect(plan.json["creator_id"] == .string(alice.id) && plan.json["next_starts_at"] == .integer(plan.start))
            #expect(plan.json["going_count"] == 0 && plan.json["me"] == .null && plan.json["recurrence"] == .null)
            #expect(try await scene.bobHears.hears("GUILD_SCHEDULED_EVENT_CREATE")["d"] == plan.json)
            #expect(try await bob.does(.GET, plan.path) == plan.json)
            #expect(try await bob.does(.GET, "/servers/\(nest.id)/events") == [plan.json])
            let ready = try await bob.readsReady()
            #expect(ready["d"]?["servers"]?[0]?["scheduled_events"] == [plan.json])
            let changed = try await alice.does(
                .PATCH, plan.path,
                [
                    "name": "Dinner", "description": .null, "entity_type": "voice",
                    "channel_id": .string(try await alice.opensChannel("table", in: nest, ["type": "voice"])),
                ])
            #expect(changed["name"] == "Dinner" && changed["description"] == .null && changed["location"] == .null)
            try await scene.bobHears.awaits("GUILD_SCHEDULED_EVENT_DELETE")
            #expect(try await scene.bobHears.hears("GUILD_SCHEDULED_EVENT_UPDATE")["d"] == changed)
            #expect(try await alice.does(.PATCH, plan.path, ["name": "Dinner"]) == changed)
            try await alice.does(.DELETE, plan.path)
            #expect(
                try await scene.bobHears.hears("GUILD_SCHEDULED_EVENT_DELETE")["d"]
                    == ["id": .string(plan.id), "server_id": .string(nest.id)])
            #expect(try await bob.outcome(.GET, plan.path) == "404 Resource not found")
            #expect(try await server.onDatabase { tx in try !tx.exists("SELECT 1 FROM scheduled_events") })
        }
    }

    @Test("lists are filtered by status and time, and come in pages", arguments: DatabaseKind.allCases)
    func lists(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            let first = try await alice.plans("first", in: nest, after: 3600)
            let second = try await alice.plans(
                "second", in: nest, after: 7200, ["recurrence": ["frequency": "daily", "count": 10]])
            let third = try await alice.plans("third", in: nest, after: 20 * 86_400)
            try await alice.does(.PATCH, third.path, ["status": "cancelled"])
            func names(_ query: String) async throws -> [String] {
                try await scene.bob.does(.GET, "/servers/\(nest.id)/events\(query)").column("name")
            }
            #expect(try await names("") == ["third", "second", "first"])
            #expect(try await names("?status=scheduled") == ["second", "first"])
            #expect(try await names("?limit=1") == ["third"])
            #expect(try await names("?before=\(third.id)&limit=1") == ["second"])
            #expect(try await names("?from=\(first.start + 3 * 86_400)&to=\(first.start + 4 * 86_400)") == ["second"])
            #expect(try await names("?to=\(first.start)") == ["first"])
            #expect(try await names("?from=\(second.start + 11 * 86_400)") == ["third"])
            for query in ["?status=over", "?limit=0", "?limit=101", "?before=x", "?from=5&to=4"] {
                let outcome = try await alice.outcome(.GET, "/servers/\(nest.id)/events\(query)")
                #expect(outcome == "400 Invalid input", "\(query)")
            }
        }
    }

    @Test("what does not go together is refused", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, nest) = (scene.server, scene.alice, scene.nest)
            let path = "/servers/\(nest.id)/events"
            let now = server.clock.now().seconds
            let voice = try await alice.opensChannel("talk", in: nest, ["type": "voice"])
            let good: [String: JSON] = [
                "name": "x", "location": "here", "starts_at": .integer(now + 60), "ends_at": .integer(now + 120),
            ]
            let odd: [[String: JSON]] = [
                ["name": " "], ["name": .string(String(repeating: "x", count: 101))], ["location": .null],
                ["location": .string(String(repeating: "x", count: 101))], ["ends_at": .null],
                ["ends_at": .integer(now + 60)], ["ends_at": .integer(now + 367 * 86_400)],
                ["starts_at": .integer(now)], ["starts_at": .integer(now + 6 * 366 * 86_400)],
                ["starts_at": .integer(.max)], ["ends_at": .integer(.min)], ["entity_type": "stage"],
                ["entity_type": "text"], ["channel_id": .string(nest.general)], ["timezone": "CET"],
                ["timezone": "Europe/Nowhere"], ["image_url": "https://example.org/x.png"],
                ["channel_id": .string(voice), "location": .null, "entity_type": "text"],
                ["channel_id": .string(nest.general), "location": .null, "entity_type": "voice"],
                ["recurrence": ["frequency": "monthly", "interval": 12, "by_month_day": 31, "until": .integer(now)]],
                ["description": .string(String(repeating: "x", count: 1001))],
            ]
            for fields in odd {
                let body = JSON.object(good.merging(fields) { $1 })
                #expect(try await alice.outcome(.POST, path, body) == "400 Invalid input", "\(body.text)")
            }
            let nowhere: JSON = .object(good.merging(["location": .null, "channel_id": "1"]) { $1 })
            #expect(try await alice.outcome(.POST, path, nowhere) == "404 Channel not found")
            #expect(try await scene.bob.outcome(.POST, path, .object(good)) == "403 Permission denied")
            let plan = try await alice.plans(in: nest)
            for change: JSON in [
                ["name": ""], ["ends_at": .null], ["starts_at": 5], ["entity_type": "voice"], ["image_url": "/x"],
                ["ends_at": .integer(plan.start)], ["status": "over"], ["timezone": "x/y"],
            ] {
                #expect(try await alice.outcome(.PATCH, plan.path, change) == "400 Invalid input", "\(change.text)")
            }
            #expect(try await alice.outcome(.GET, "\(path)/x") == "400 Invalid input")
            #expect(try await alice.outcome(.GET, "\(path)?from=253402300799") == "400 Invalid input")
            for (method, rest) in [
                (HTTPMethod.GET, ""), (.PATCH, ""), (.DELETE, ""), (.PUT, "/rsvp"), (.DELETE, "/rsvp"),
                (.GET, "/attendees"), (.GET, "/occurrences"), (.GET, "/calendar.ics"),
            ] {
                let body: JSON? = method == .PUT ? ["status": "going"] : method == .PATCH ? [:] : nil
                #expect(try await alice.outcome(method, "\(path)/1\(rest)", body) == "404 Resource not found")
            }
        }
    }

    @Test("who may create plans and changes their own, who manages changes all", arguments: DatabaseKind.allCases)
    func rights(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let hers = try await alice.plans(in: nest)
            let role = try await alice.makesRole("planner", in: nest, ["events.create"])
            try await alice.gives(role, to: bob, in: nest)
            let his = try await bob.plans(in: nest)
            try await bob.does(.PATCH, his.path, ["name": "mine"])
            #expect(try await bob.outcome(.PATCH, hers.path, ["name": "mine"]) == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, hers.path) == "403 Permission denied")
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(role)", ["permissions": ["events.manage": true]])
            try await bob.does(.PATCH, hers.path, ["name": "ours"])
            try await bob.does(.DELETE, hers.path)
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)",
                ["permissions": ["events.view": false]])
            for path in ["/servers/\(nest.id)/events", his.path, "\(his.path)/calendar.ics"] {
                #expect(try await bob.outcome(.GET, path) == "403 Permission denied")
            }
            let ready = try await bob.readsReady()
            #expect(ready["d"]?["servers"]?[0]?["scheduled_events"] == [])
        }
    }

    // MARK: Course

    @Test("it begins and ends by itself; what recurs is scheduled again", arguments: DatabaseKind.allCases)
    func course(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let once = try await alice.plans("once", in: nest, after: 600)
            let daily = try await alice.plans(
                "daily", in: nest, after: 600, ["recurrence": ["frequency": "daily", "count": 2]])
            func statuses() async throws -> [String] {
                try await server.doesDueWork()
                return [
                    try await bob.does(.GET, once.path).text("status"),
                    try await bob.does(.GET, daily.path).text("status"),
                ]
            }
            #expect(try await statuses() == ["scheduled", "scheduled"])
            server.clock.advance(by: .seconds(601))
            #expect(try await statuses() == ["active", "active"])
            for _ in 0..<2 { try await scene.bobHears.hears("GUILD_SCHEDULED_EVENT_CREATE") }
            for _ in 0..<2 {
                let told = try await scene.bobHears.hears("GUILD_SCHEDULED_EVENT_UPDATE")["d"]
                #expect(told?["status"] == "active" && told?["me"] == .null)
            }
            server.clock.advance(by: .seconds(3600))
            #expect(try await statuses() == ["completed", "scheduled"])
            #expect(try await bob.does(.GET, daily.path)["next_starts_at"] == .integer(daily.start + 86_400))
            #expect(try await bob.does(.GET, once.path)["next_starts_at"] == .null)
            #expect(try await bob.outcome(.PUT, "\(once.path)/rsvp", ["status": "going"]) == "409 Already handled")
            server.clock.advance(by: .seconds(3 * 86_400))
            #expect(try await statuses() == ["completed", "completed"])
        }
    }

    @Test("its status moves forward only", arguments: DatabaseKind.allCases)
    func statuses(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            func becomes(_ plan: Plan, _ status: String) async throws -> String {
                try await alice.outcome(.PATCH, plan.path, ["status": .string(status)])
            }
            let first = try await alice.plans(in: nest)
            #expect(try await becomes(first, "scheduled") == "200")
            #expect(try await becomes(first, "completed") == "409 Already handled")
            #expect(try await becomes(first, "active") == "200")
            #expect(try await becomes(first, "active") == "409 Already handled")
            #expect(try await becomes(first, "cancelled") == "409 Already handled")
            let later: JSON = .integer(first.start + 60)
            #expect(try await alice.outcome(.PATCH, first.path, ["starts_at": later]) == "409 Already handled")
            let ending = try await alice.does(.PATCH, first.path, ["ends_at": .integer(first.start + 7200)])
            #expect(ending["status"] == "active")
            #expect(try await becomes(first, "completed") == "200")
            let second = try await alice.plans(in: nest)
            #expect(try await becomes(second, "cancelled") == "200")
            for plan in [first, second] {
                for status in ["scheduled", "active", "completed", "cancelled"] {
                    #expect(try await becomes(plan, status) == "409 Already handled")
                }
                #expect(try await alice.outcome(.PATCH, plan.path, ["name": "x"]) == "409 Already handled")
            }
            let weekly = try await alice.plans(in: nest, ["recurrence": ["frequency": "weekly"]])
            #expect(try await becomes(weekly, "active") == "200")
            let ended = try await alice.does(.PATCH, weekly.path, ["status": "completed"])
            #expect(ended["status"] == "scheduled", "the next time is ahead")
            #expect(ended["next_starts_at"] == .integer(weekly.start + 7 * 86_400))
        }
    }

    @Test("one occurrence is moved or called off, and the rest stays", arguments: DatabaseKind.allCases)
    func occurrences(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let plan = try await alice.plans(in: nest, ["recurrence": ["frequency": "daily", "count": 3]])
            try await bob.answers(plan)
            let (start, day): (Int64, Int64) = (plan.start, 86_400)
            func change(_ moment: Int64, _ body: JSON) async throws -> HTTPReply {
                try await alice.send(.PUT, "\(plan.path)/occurrences/\(moment)", body)
            }
            #expect(try await change(start, ["cancelled": true]).json["cancelled"] == true)
            #expect(try await bob.does(.GET, plan.path)["next_starts_at"] == .integer(start + day))
            let moved = try await change(start + day, ["starts_at": .integer(start + day + 7200)])
            #expect(moved.json["occurrence"] == .integer(start + day))
            #expect(moved.json["ends_at"] == .integer(start + day + 10_800))
            let listed = try await bob.does(.GET, "\(plan.path)/occurrences").array ?? []
            #expect(
                listed.compactMap { $0["starts_at"]?.integer } == [start, start + day + 7200, start + 2 * day])
            #expect(listed.compactMap { $0["cancelled"]?.bool } == [true, false, false])
            #expect(try await bob.does(.GET, "\(plan.path)/occurrences?limit=1").count == 1)
            #expect(try await change(start + 5, [:]).outcome == "404 Resource not found")
            #expect(try await alice.outcome(.PUT, "\(plan.path)/occurrences/x", [:]) == "400 Invalid input")
            for body: JSON in [
                ["starts_at": .integer(start + 2 * day)], ["starts_at": 5],
                ["ends_at": .integer(start + day)], ["ends_at": .integer(.max)],
            ] {
                #expect(try await change(start + day, body).outcome == "400 Invalid input", "\(body.text)")
            }
            #expect(try await bob.outcome(.PUT, "\(plan.path)/occurrences/\(start)", [:]) == "403 Permission denied")
            let once = try await alice.plans(in: nest)
            let path = "\(once.path)/occurrences/\(once.start)"
            #expect(try await alice.outcome(.PUT, path, ["cancelled": true]) == "400 Invalid input")
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents() == ["event_update scheduled", "event_update cancelled"])
            #expect(try await alice.isToldOfEvents() == [])
            server.clock.advance(by: .seconds(day + 1))
            #expect(try await change(start, [:]).outcome == "409 Already handled")
            for moment in [start + day, start + 2 * day] { _ = try await change(moment, ["cancelled": true]) }
            #expect(try await bob.does(.GET, plan.path)["status"] == "cancelled", "none is left")
        }
    }

    // MARK: Taking part

    @Test("who comes is counted and told, for all times or for one", arguments: DatabaseKind.allCases)
    func answers(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let plan = try await alice.plans(in: nest, ["recurrence": ["frequency": "daily", "count": 3]])
            let going = try await bob.answers(plan)
            #expect(going["me"] == ["status": "going", "remind_minutes_before": [15]])
            #expect(going["going_count"] == 1 && going["interested_count"] == 0)
            try await scene.aliceHears.awaits("GUILD_SCHEDULED_EVENT_CREATE")
            let told: JSON = [
                "event_id": .string(plan.id), "server_id": .string(nest.id), "user_id": .string(bob.id),
                "status": "going",
            ]
            #expect(try await scene.aliceHears.hears("GUILD_SCHEDULED_EVENT_USER_ADD")["d"] == told)
            let second: JSON = .integer(plan.start + 86_400)
            #expect(try await bob.answers(plan, "not_going", ["occurrence": second])["going_count"] == 1)
            try await alice.answers(plan, "interested", ["remind_minutes_before": []])
            #expect(try await scene.aliceHears.hears("GUILD_SCHEDULED_EVENT_USER_ADD")["d"]?["status"] == "interested")
            func attendees(_ query: String = "") async throws -> [String] {
                try await bob.does(.GET, "\(plan.path)/attendees\(query)").column("username").sorted()
            }
            #expect(try await attendees() == ["alice", "bob"])
            #expect(try await attendees("?status=going") == ["bob"])
            #expect(try await attendees("?occurrence=\(plan.start + 86_400)") == ["alice"])
            #expect(try await attendees("?occurrence=\(plan.start + 86_400)&status=not_going") == ["bob"])
            #expect(try await attendees("?limit=1&after=\(alice.id)") == ["bob"])
            #expect(try await bob.outcome(.GET, "\(plan.path)/attendees?occurrence=5") == "400 Invalid input")
            #expect(try await bob.does(.GET, "/users/@me/events").column("id") == [plan.id])
            // The second time is the next one: what was said of it counts.
            try await alice.does(.PUT, "\(plan.path)/occurrences/\(plan.start)", ["cancelled": true])
            let next = try await bob.does(.GET, plan.path)
            #expect(next["going_count"] == 0 && next["interested_count"] == 1)
            #expect(next["me"]?["status"] == "not_going")
            try await bob.does(.DELETE, "\(plan.path)/rsvp?occurrence=\(plan.start + 86_400)")
            #expect(try await bob.does(.GET, plan.path)["going_count"] == 1)
            try await bob.does(.DELETE, "\(plan.path)/rsvp")
            #expect(try await bob.does(.GET, plan.path)["me"] == .null)
            #expect(try await bob.does(.GET, "/users/@me/events") == [])
            for body: JSON in [
                [:], ["status": "maybe"], ["status": "going", "remind_minutes_before": [1, 2, 3, 4]],
                ["status": "going", "remind_minutes_before": [10_081]], ["status": "going", "occurrence": 5],
                ["status": "going", "remind_minutes_before": [-1]],
            ] {
                #expect(try await bob.outcome(.PUT, "\(plan.path)/rsvp", body) == "400 Invalid input", "\(body.text)")
            }
            let cancelled: JSON = ["status": "going", "occurrence": .integer(plan.start)]
            #expect(try await bob.outcome(.PUT, "\(plan.path)/rsvp", cancelled) == "409 Already handled")
        }
    }

    @Test("ten answers in ten seconds are enough")
    func bucket() async throws {
        let settings = ["rate_limiting.enabled": "true", "rate_limits.user": "1000/s"]
        try await TestServer.with(.sqlite, settings) { server in
            let scene = try await EventTests.Scene(server)
            let plan = try await scene.alice.plans(in: scene.nest)
            for _ in 0..<10 { try await scene.bob.answers(plan) }
            #expect(try await scene.bob.outcome(.PUT, "\(plan.path)/rsvp", ["status": "going"]) == "429 Rate limited")
        }
    }

    @Test("who leaves, is banned or erases the account takes no part any more", arguments: DatabaseKind.allCases)
    func leaving(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let (carol, dave) = (try await server.person("carol"), try await server.person("dave"))
            for person in [carol, dave] { try await person.joins(nest) }
            let plan = try await alice.plans(in: nest, after: 32 * 86_400)
            for person in [bob, carol, dave] { try await person.answers(plan) }
            @Sendable func going(as alice: Person = alice) async throws -> [String] {
                let counted = try await alice.does(.GET, plan.path)["going_count"]?.integer
                let names = try await alice.does(.GET, "\(plan.path)/attendees").column("username").sorted()
                #expect(counted == Int64(names.count))
                return names
            }
            #expect(try await going() == ["bob", "carol", "dave"])
            try await bob.does(.POST, "/servers/\(nest.id)/leave")
            #expect(try await going() == ["carol", "dave"])
            try await alice.does(.PUT, "/servers/\(nest.id)/bans/\(carol.id)", [:])
            #expect(try await going() == ["dave"])
            try await dave.does(.DELETE, "/users/@me", ["password": .string(Person.password)])
            server.clock.advance(by: .seconds(31 * 86_400))
            try await server.doesDueWork()
            try await server.keepsUp()
            let (later, back) = (try await alice.onAnotherDevice(), try await bob.onAnotherDevice())
            try await eventually { try await going(as: later) == [] }
            let code = try await later.does(.POST, "/channels/\(nest.general)/invites").text("code")
            try await back.does(.POST, "/channels/invites/\(code)")
            #expect(try await back.does(.GET, plan.path)["me"] == .null, "coming back is no answer")
            server.clock.advance(by: .seconds(86_400))
            try await server.doesDueWork()
            #expect(try await back.isToldOfEvents() == [])
        }
    }

    // MARK: Calendar and picture

    @Test("calendars read the same times, places and changes", arguments: DatabaseKind.allCases)
    func calendar(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let name = "Tea; cake, \\ and \u{1F9C1} \(String(repeating: "öäü ", count: 18))"
            let place = "The inn; upstairs"
            for zone in ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"] {
                let plan = try await alice.plans(
                    name, in: nest,
                    [
                        "recurrence": ["frequency": "weekly", "interval": 2, "count": 60],
                        "timezone": .string(zone), "description": "One\nTwo", "location": .string(place),
                    ])
                let all = try await bob.does(.GET, "\(plan.path)/occurrences?limit=100").array ?? []
                let starts = all.compactMap { $0["starts_at"]?.integer }
                #expect(starts.count == 60)
                try await alice.does(.PUT, "\(plan.path)/occurrences/\(starts[3])", ["cancelled": true])
                try await alice.does(
                    .PUT, "\(plan.path)/occurrences/\(starts[30])", ["starts_at": .integer(starts[30] + 7200)])
                let read = try await Self.read(plan, for: bob)
                #expect(
                    read["summary"]?.string == name.trimmingCharacters(in: .whitespaces)
                        && read["description"] == "One\nTwo")
                #expect(read["location"]?.string == place && read["status"] == "CONFIRMED")
                let expected = starts.enumerated().filter { $0.offset != 3 }
                    .map { $0.offset == 30 ? $0.element + 7200 : $0.element }
                #expect(read["occurrences"]?.array?.compactMap { $0[0]?.integer } == expected, "\(zone)")
                #expect(
                    read["occurrences"]?.array?.allSatisfy { $0[1]?.integer == ($0[0]?.integer ?? 0) + 3600 } == true)
                #expect(read["zones"]?.array?.compactMap(\.string) == (zone == "UTC" ? [] : [zone]))
            }
            let once = try await alice.plans(in: nest, ["channel_id": .string(nest.general)])
            #expect(try await Self.read(once, for: bob)["location"] == "#general")
            try await alice.does(.PATCH, once.path, ["status": "cancelled"])
            #expect(try await Self.read(once, for: bob)["status"] == "CANCELLED")
        }
    }

    private static func read(_ plan: Plan, for person: Person) async throws -> JSON {
        let reply = try await person.server.fetch("/api/v1\(plan.path)/calendar.ics", token: person.token)
        #expect(reply.headers.first(name: "content-type") == "text/calendar; charset=utf-8")
        #expect(reply.headers.first(name: "content-disposition")?.contains("event-\(plan.id).ics") == true)
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).ics")
        try Data(reply.body).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try await ScriptProgram.run("read_calendar.py", [file.path, "100"])
        #expect(output.status == 0, "\(output.errors)")
        return try JSONParser.parse(Array(output.text.utf8))
    }

    @Test(
        "a picture is an upload of the planner's, and public to who has the address", arguments: DatabaseKind.allCases)
    func picture(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let plan = try await alice.plans(in: nest)
            let drawing = try await SampleFiles.bytes("drawing.png")
            func sends(_ person: Person, _ bytes: [UInt8]) async throws -> HTTPReply {
                try await person.sends(bytes, named: "a.png", to: "\(plan.path)/image", field: "image")
            }
            #expect(try await sends(bob, drawing).outcome == "403 Permission denied")
            #expect(try await sends(alice, Array("words".utf8)).outcome == "400 Invalid file type")
            let set = try await sends(alice, drawing).json
            #expect(set["width"] == 1200 && set["height"] == 400)
            let url = try set.text("image_url")
            #expect(try await bob.does(.GET, plan.path)["image_url"] == .string(url))
            for size in ["", "&size=600"] {
                #expect(try await server.fetch(url + size, token: nil).status == 200)
            }
            let other = url.replacing("v=", with: "v=1")
            #expect(try await server.fetch(other, token: nil).outcome == "404 Resource not found")
            #expect(
                try await server.fetch("/api/v1/media/events/1?v=1", token: nil).outcome == "404 Resource not found")
            let foreign = try await alice.outcome(.PATCH, plan.path, ["image_url": "https://example.org/a.png"])
            #expect(foreign == "400 Invalid input")
            #expect(try await alice.does(.PATCH, plan.path, ["image_url": .string(url)])["image_url"] == .string(url))
            #expect(try await alice.does(.PATCH, plan.path, ["image_url": .null])["image_url"] == .null)
            _ = try await sends(alice, drawing)
            #expect(try await bob.outcome(.DELETE, "\(plan.path)/image") == "403 Permission denied")
            try await alice.does(.DELETE, "\(plan.path)/image")
            #expect(try await server.fetch(url, token: nil).outcome == "404 Resource not found")
            try await alice.does(.PATCH, plan.path, ["status": "cancelled"])
            #expect(try await sends(alice, drawing).outcome == "409 Already handled")
            #expect(try await alice.outcome(.DELETE, "\(plan.path)/image") == "409 Already handled")
        }
    }
}
