import Events
import Gateway

/// What clients hear on the gateway, as Markdown.
enum EventsPage {
    static var markdown: String {
        """
        # Events

        Made from the code by `make docs`; do not edit. How they come is told in [gateway.md](gateway.md). All frames with all fields stand
        in [asyncapi.json](asyncapi.json), which a running server has at `/asyncapi.json`.

        What is named like `Message` is what the REST API gives for the same thing. A bot hears what it asked for by its intents, and a person
        everything.

        \(GeneratedPages.gateway.table)

        `positions` is there when other roles have moved with the one that the event is about: `{role id: new position}` of each of them. There
        is one event whatever their number.

        Bots get message events of servers only with MESSAGE_CONTENT besides GUILD_MESSAGES, because the events carry it.

        ## Intents

        IDENTIFY's `intents` is the sum of these numbers. Who leaves it out gets all that it may have, so of the privileged ones those that were granted; who says 0 gets nothing but answers.
        The privileged ones are granted to a bot by the `privileged_intents` of its application.

        | intent | number | privileged |
        |---|---|---|
        \(intents)

        """
    }

    private static var intents: String {
        (0..<Intents.all.rawValue.bitWidth).map { Intents(rawValue: 1 << $0) }.filter(Intents.all.contains).map {
            intent in
            "| \(intent.names.joined()) | \(intent.rawValue) | \(Intents.privileged.contains(intent) ? "yes" : "") |"
        }.joined(separator: "\n")
    }
}
