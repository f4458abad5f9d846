import Database

/// What the server has about people, table by table.
enum PersonalData {
    static let tables: [PersonalTable] =
        accounts + logins + communities + conversations + messages + files + own + records + impersonal

    private static let accounts: [PersonalTable] = [
        PersonalTable(
            "users",
            [
                .id("id"), .text("username"), .withheld("username_key"), .text("email"), .withheld("email_key"),
                .withheld("password_hash"), .text("display_name"), .withheld("display_name_key"), .text("bio"),
                .flag("email_verified"), .flag("is_admin"), .time("created_at"), .text("tier"), .text("badges"),
                .time("locked_at"), .time("deletion_at"), .time("deleted_at"), .flag("is_bot"), .withheld("avatar_id"),
            ],
            exports: [
                .rows("user.json", of: ["id"]), .file("account.json"), .file("avatar.webp"),
                .rowsBelonging("bots.json", to: "id IN (SELECT bot_id FROM applications WHERE owner_id = $1)"),
            ],
            erasure: [.byHand("the row stays without anything but its id; the picture goes")]),
        PersonalTable(
            "applications",
            [
                .id("id"), .id("owner_id"), .text("name"), .text("description"), .flag("is_public"),
                .number("intents"), .id("bot_id"), .time("created_at"),
            ],
            exports: [.file("applications.json")],
            erasure: [.byHand("with their bots, which leave their servers and lose their names")]),
        PersonalTable(
            "bot_tokens", [.id("id"), .id("user_id"), .withheld("token_hash"), .time("created_at")],
            exports: [
                .rowsBelonging(
                    "bot_tokens.json", to: "user_id IN (SELECT bot_id FROM applications WHERE owner_id = $1)")
            ],
            erasure: [.byHand("with the applications, whose bots are logged out")]),
    ]

    private static let logins: [PersonalTable] = [
        PersonalTable(
            "sessions",
            [
                .id("id"), .id("user_id"), .withheld("token_hash"), .text("ip_address"), .text("user_agent"),
                .time("created_at"), .time("last_activity"), .time("expires_at"), .time("confirmed_at"),
            ],
            exports: [.file("sessions.json")],
            erasure: [.byHand("all devices are logged out and told"), .deleted(of: ["user_id"])]),
        PersonalTable(
            "known_addresses", [.id("user_id"), .text("address"), .time("seen_at")], key: ["user_id", "address"],
            exports: [.rows("known_addresses.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "login_failures", [.withheld("name_hash"), .text("address"), .number("failures"), .time("last_at")],
            key: [], exports: [.file("login_failures.json")],
            erasure: [.byHand("those under the user name and the address")]),
        PersonalTable(
            "one_time_tokens",
            [
                .withheld("hash"), .text("purpose"), .id("user_id"), .withheld("data"), .number("attempts"),
                .time("created_at"), .time("expires_at"),
            ], key: [], exports: [.withheld("secrets that live for minutes or hours, of which only hashes are stored")],
            erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "passkeys",
            [
                .id("id"), .id("user_id"), .withheld("credential_id"), .withheld("public_key"), .number("sign_count"),
                .text("transports"), .flag("is_backed_up"), .text("name"), .time("created_at"), .time("last_used_at"),
            ], exports: [.file("passkeys.json")], erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "two_factor",
            [
                .id("user_id"), .withheld("secret"), .flag("is_confirmed"), .withheld("last_step"), .time("created_at"),
            ], key: ["user_id"], exports: [.rows("two_factor.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "backup_codes", [.id("user_id"), .withheld("code_hash")], key: [],
            exports: [.withheld("secrets, of which only hashes are stored")], erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "external_identities", [.text("issuer"), .text("subject"), .id("user_id"), .time("created_at")],
            key: ["issuer", "subject"], exports: [.rows("external_identities.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
    ]

    private static let communities: [PersonalTable] = [
        PersonalTable(
            "servers",
            [
                .id("id"), .text("name"), .text("description"), .id("owner_id"), .number("member_count"),
                .id("default_channel_id"), .time("created_at"), .time("deleted_at"), .withheld("icon_id"),
            ], exports: [.rows("owned_servers.json", of: ["owner_id"])],
            erasure: [.byHand("the one who stands highest inherits; a server without anybody else goes")]),
        PersonalTable(
            "members",
            [
                .id("server_id"), .id("user_id"), .text("nickname"), .withheld("nickname_key"), .time("joined_at"),
                .flag("is_temporary"),
            ], key: ["server_id", "user_id"],
            exports: [.rows("memberships.json", of: ["user_id"]), .file("servers.json")],
            erasure: [.byHand("they leave their servers, and the members are told")]),
        PersonalTable(
            "member_roles", [.id("server_id"), .id("user_id"), .id("role_id")],
            key: ["server_id", "user_id", "role_id"],
            exports: [.file("servers.json")], erasure: [.byHand("with the memberships")]),
        PersonalTable(
            "moderation_states", [.id("server_id"), .id("user_id"), .text("kind"), .time("until")],
            key: ["server_id", "user_id", "kind"], exports: [.rows("moderation_states.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "overwrites",
            [.id("channel_id"), .id("subject_id"), .withheld("is_role"), .number("allow"), .number("deny")],
            key: ["channel_id", "subject_id"], exports: [.rows("overwrites.json", of: ["subject_id"])],
            erasure: [
                .byHand("those who see the channel are told, and it does not open by it"), .deleted(of: ["subject_id"]),
            ]),
        PersonalTable(
            "bans",
            [
                .id("server_id"), .id("user_id"), .id("banned_by"), .text("reason"), .time("created_at"),
                .time("expires_at"), .withheld("delete_after"),
            ], key: ["server_id", "user_id"],
            exports: [
                .rows("bans.json", of: ["user_id"], without: ["banned_by"]),
                .rows("bans_by_me.json", of: ["banned_by"]),
            ],
            erasure: [
                .byHand("a ban of who is not there any more ends, and the moderators are told"),
                .kept("a ban of somebody else stays a ban; who has made it has no name any more"),
            ]),
        PersonalTable(
            "invites",
            [
                .text("code"), .id("server_id"), .id("channel_id"), .id("inviter_id"), .number("uses"),
                .number("max_uses"), .number("max_age"), .flag("temporary"), .time("created_at"), .time("expires_at"),
            ], key: ["code"], exports: [.rows("invites.json", of: ["inviter_id"])],
            erasure: [.byHand("an invite is its maker's word, so it ends; those whom it invited are told")]),
        PersonalTable(
            "webhooks",
            [
                .id("id"), .id("server_id"), .id("channel_id"), .text("name"), .text("avatar_url"), .id("creator_id"),
                .time("created_at"), .withheld("token_hash"),
            ], exports: [.rows("webhooks.json", of: ["creator_id"])],
            erasure: [.kept("programs of the server go on writing; who has made it has no name any more")]),
        PersonalTable(
            "emojis",
            [
                .id("id"), .id("server_id"), .text("name"), .flag("animated"), .id("creator_id"), .time("created_at"),
                .withheld("blob_id"),
            ], exports: [.rows("emojis.json", of: ["creator_id"])],
            erasure: [.kept("pictures of the server; who has brought them has no name any more")]),
        PersonalTable(
            "channels",
            [
                .id("id"), .id("server_id"), .text("name"), .text("type"), .text("topic"), .number("position"),
                .id("category_id"), .flag("nsfw"), .number("slowmode_seconds"), .time("created_at"),
                .withheld("last_message_id"), .time("deleted_at"), .id("owner_id"),
            ], exports: [.rows("threads_and_groups.json", of: ["owner_id"]), .file("private_channels.json")],
            erasure: [
                .byHand("groups are left, and owned by who is in the longest; the notes to oneself are removed"),
                .kept("a thread is a place where others have spoken; who has opened it has no name any more"),
            ]),
        PersonalTable(
            "threads",
            [
                .id("channel_id"), .id("parent_id"), .id("message_id"), .flag("archived"), .flag("locked"),
                .number("auto_archive_minutes"), .number("member_count"), .time("active_at"),
            ], key: ["channel_id"],
            exports: [
                .rowsBelonging("threads.json", to: "channel_id IN (SELECT id FROM channels WHERE owner_id = $1)")
            ],
            erasure: [.kept("as the channels that they are")]),
        PersonalTable(
            "thread_members", [.id("channel_id"), .id("user_id"), .time("joined_at")], key: ["channel_id", "user_id"],
            exports: [.rows("thread_memberships.json", of: ["user_id"])],
            erasure: [.byHand("threads are left, and their count of members with them")]),
        PersonalTable(
            "slowmode_marks", [.id("channel_id"), .id("user_id"), .time("sent_at")], key: ["channel_id", "user_id"],
            exports: [.rows("slow_mode.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])]),
    ]

    private static let conversations: [PersonalTable] = [
        PersonalTable(
            "participants", [.id("channel_id"), .id("user_id"), .flag("is_open"), .time("joined_at")],
            key: ["channel_id", "user_id"], exports: [.rows("conversations.json", of: ["user_id"])],
            erasure: [
                .byHand("groups are left"),
                .kept("the other one keeps the conversation, with somebody who has no name any more"),
            ]),
        PersonalTable(
            "direct_channels", [.id("lower_user_id"), .id("higher_user_id"), .id("channel_id")],
            key: ["lower_user_id", "higher_user_id"],
            exports: [.rows("direct_channels.json", of: ["lower_user_id", "higher_user_id"])],
            erasure: [
                .byHand("the notes to oneself are removed"),
                .kept("the other one keeps the conversation, with somebody who has no name any more"),
            ]),
        PersonalTable(
            "relationships",
            [.id("user_id"), .id("other_id"), .text("status"), .text("message"), .time("created_at")],
            key: ["user_id", "other_id"], exports: [.file("relationships.json")],
            erasure: [.byHand("the other ones are told"), .deleted(of: ["user_id", "other_id"])]),
        PersonalTable(
            "notifications",
            [
                .id("id"), .id("owner_id"), .text("kind"), .id("user_id"), .id("server_id"), .id("channel_id"),
                .id("message_id"), .text("invite_code"), .flag("is_read"), .time("created_at"),
                .text("action"), .text("server_name"), .text("reason"), .time("ends_at"),
            ],
            exports: [
                .rows("notifications.json", of: ["owner_id"]), .withheld("what others were told of is theirs"),
            ],
            erasure: [.byHand("what they have caused is withdrawn"), .deleted(of: ["owner_id", "user_id"])]),
        PersonalTable(
            "notification_counts", [.id("owner_id"), .id("user_id"), .number("day"), .number("count")],
            key: ["owner_id", "user_id", "day"],
            exports: [.rows("notification_counts.json", of: ["user_id"])],
            erasure: [.deleted(of: ["owner_id", "user_id"])]),
    ]

    private static let messages: [PersonalTable] = [
        PersonalTable(
            "messages",
            [
                .id("id"), .id("channel_id"), .id("author_id"), .text("type"), .text("content"), .time("created_at"),
                .time("edited_at"), .id("reply_to_id"), .text("nonce"), .json("embeds"), .text("mentions"),
                .time("pinned_at"), .withheld("has_reactions"), .id("webhook_id"), .text("author_name"),
                .text("author_avatar"), .id("thread_id"), .id("poll_id"), .withheld("has_attachments"),
                .withheld("has_links"), .text("allowed_mentions"),
            ], exports: [.file("messages/1.json")],
            erasure: [
                .byHand("the nonces go, and the notes to oneself"),
                .kept("what was said to others stands there without a name"),
            ]),
        PersonalTable(
            "message_edits", [.id("message_id"), .number("version"), .text("content"), .time("replaced_at")],
            key: ["message_id", "version"], exports: [.file("messages/1.json")],
            erasure: [.byHand("what was taken back is not kept")]),
        PersonalTable(
            "message_nonces",
            [.id("channel_id"), .id("author_id"), .withheld("nonce"), .id("message_id"), .time("created_at")],
            key: ["channel_id", "author_id", "nonce"], exports: [.withheld("stands with the messages, for a day")],
            erasure: [.deleted(of: ["author_id"])]),
        PersonalTable(
            "message_links", [.id("message_id"), .number("position"), .withheld("address_hash")], key: [],
            exports: [.withheld("follows from the text of the message")],
            erasure: [.kept("as the message that has the link")]),
        PersonalTable(
            "reactions", [.id("message_id"), .text("emoji"), .id("user_id"), .time("reacted_at")],
            key: ["message_id", "emoji", "user_id"], exports: [.rows("reactions.json", of: ["user_id"])],
            erasure: [.kept("a count under somebody else's message, of somebody who has no name any more")]),
        PersonalTable(
            "polls",
            [
                .id("id"), .id("channel_id"), .id("message_id"), .id("author_id"), .text("question"), .json("options"),
                .flag("is_multiple"), .time("created_at"), .time("ends_at"), .time("closed_at"),
            ], exports: [.rows("polls.json", of: ["author_id"])],
            erasure: [.kept("a question to others, on which they have voted")]),
        PersonalTable(
            "poll_votes", [.id("poll_id"), .number("option_number"), .id("user_id")],
            key: ["poll_id", "option_number", "user_id"], exports: [.rows("votes.json", of: ["user_id"])],
            erasure: [.kept("a count in somebody's poll, of somebody who has no name any more")]),
        PersonalTable(
            "scheduled_messages",
            [
                .id("id"), .id("channel_id"), .id("author_id"), .json("draft"), .time("send_at"), .time("created_at"),
                .text("failure"), .withheld("try_at"),
            ], exports: [.rows("scheduled_messages.json", of: ["author_id"])],
            erasure: [.deleted(of: ["author_id"])]),
    ]

    private static let files: [PersonalTable] = [
        PersonalTable(
            "attachments",
            [
                .id("id"), .id("channel_id"), .id("author_id"), .id("message_id"), .number("position"),
                .withheld("blob_id"), .text("filename"), .number("width"), .number("height"), .number("duration_ms"),
                .text("blurhash"), .withheld("secret"), .time("created_at"), .time("expires_at"),
            ], exports: [.rows("attachments.json", of: ["author_id"]), .file("files.json")],
            erasure: [
                .byHand("what no message shows is removed, and so is what the notes to oneself show"),
                .kept("part of what was said to others"),
            ]),
        PersonalTable(
            "uploads",
            [
                .id("id"), .id("user_id"), .id("channel_id"), .text("filename"), .number("size"), .id("attachment_id"),
                .time("created_at"), .time("expires_at"),
            ], exports: [.rows("uploads.json", of: ["user_id"])],
            erasure: [.byHand("they run out at once; the next upkeep removes them with their pieces")]),
        PersonalTable(
            "upload_chunks", [.id("upload_id"), .number("number"), .text("sha256")], key: ["upload_id", "number"],
            exports: [
                .rowsBelonging("upload_pieces.json", to: "upload_id IN (SELECT id FROM uploads WHERE user_id = $1)")
            ],
            erasure: [.byHand("with the uploads")]),
        PersonalTable(
            "upload_counts", [.id("user_id"), .number("day"), .number("count")], key: ["user_id", "day"],
            exports: [.rows("upload_counts.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "jobs",
            [
                .id("id"), .text("kind"), .id("owner_id"), .id("channel_id"), .json("input"), .text("state"),
                .number("progress"), .text("error"), .number("size"), .time("created_at"), .time("touched_at"),
                .time("finished_at"), .time("expires_at"), .withheld("result_id"),
            ], exports: [.rows("jobs.json", of: ["owner_id"])],
            erasure: [.byHand("with the exports and transcripts that came of them")]),
    ]

    private static let own: [PersonalTable] = [
        PersonalTable(
            "presences",
            [
                .id("user_id"), .text("status"), .text("custom_status"), .text("custom_emoji"), .time("expires_at"),
                .time("last_seen"), .withheld("is_shown"), .withheld("gone_position"), .withheld("chosen_position"),
            ], key: ["user_id"], exports: [.rows("presence.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "user_settings", [.id("user_id"), .text("key"), .json("value"), .time("updated_at")],
            key: ["user_id", "key"], exports: [.file("settings.json")], erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "user_notes", [.id("user_id"), .id("about_id"), .text("note")], key: ["user_id", "about_id"],
            exports: [
                .rows("notes.json", of: ["user_id"]), .withheld("what others have noted of the person is theirs"),
            ],
            erasure: [.deleted(of: ["user_id", "about_id"])]),
        PersonalTable(
            "bookmarks", [.id("user_id"), .id("message_id"), .id("channel_id"), .time("created_at")],
            key: ["user_id", "message_id"], exports: [.rows("bookmarks.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "read_states", [.id("user_id"), .id("channel_id"), .id("last_read_id")], key: ["user_id", "channel_id"],
            exports: [.rows("read_states.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])]),
        PersonalTable(
            "feedback",
            [
                .id("id"), .id("user_id"), .text("text"), .text("category"), .number("rating"), .text("status"),
                .withheld("assigned_to"), .time("created_at"), .time("updated_at"), .time("resolved_at"),
                .withheld("resolved_by"),
            ], exports: [.rows("feedback.json", of: ["user_id"])],
            erasure: [
                .deleted(of: ["user_id"]),
                .kept("who of the administrators had somebody else's ticket has no name any more"),
            ]),
    ]

    private static let records: [PersonalTable] = [
        PersonalTable(
            "audit_log",
            [
                .id("id"), .id("server_id"), .id("user_id"), .text("action"), .text("target_type"), .id("target_id"),
                .json("changes"), .text("reason"), .time("created_at"), .id("channel_id"), .withheld("last_overwrites"),
            ], exports: [.rows("audit_log_by_me.json", of: ["user_id"]), .file("audit_log_about_me.json")],
            erasure: [
                .byHand("entries about the person lose names and reasons"),
                .kept("what was done to the server, by somebody who has no name any more"),
            ]),
        PersonalTable(
            "admin_log",
            [
                .id("id"), .id("admin_id"), .text("action"), .text("target_id"), .json("changes"), .text("reason"),
                .time("created_at"),
            ], exports: [.rows("admin_log_by_me.json", of: ["admin_id"]), .file("audit_log_about_me.json")],
            erasure: [
                .byHand("entries about the person lose names and reasons"),
                .kept("what was done to the instance, by somebody who has no name any more"),
            ]),
        PersonalTable(
            "reports",
            [
                .id("id"), .text("kind"), .id("reporter_id"), .id("user_id"), .id("message_id"), .id("channel_id"),
                .id("server_id"), .text("reason"), .text("category"), .text("details"), .withheld("content"),
                .text("status"), .withheld("handled_by"), .withheld("handled_at"), .withheld("note"),
                .time("created_at"),
            ],
            exports: [
                .rows("reports.json", of: ["reporter_id"]),
                .withheld("reports about the person would tell who has reported; the administrators' notes are theirs"),
            ],
            erasure: [
                .deleted(of: ["user_id"]),
                .kept(
                    "what was reported of somebody else still has to be dealt with; the reporter has no name any more"),
            ]),
        PersonalTable(
            "blocks",
            [
                .text("kind"), .text("value"), .text("reason"), .id("created_by"), .time("created_at"),
                .time("expires_at"),
            ], key: ["kind", "value"], exports: [.rows("blocks_by_me.json", of: ["created_by"])],
            erasure: [.kept("what is kept out of the instance; who has decided it has no name any more")]),
        PersonalTable(
            "set_aside_rows",
            [
                .text("step"), .text("item"), .number("failures"), .text("error"), .time("failed_at"),
                .time("retry_at"),
            ], key: [], exports: [.withheld("ids and faults of the program, for days")],
            erasure: [.kept("forgotten three days after the last failure")]),
        PersonalTable(
            "events",
            [
                .withheld("position"), .withheld("created_at"), .withheld("kind"), .withheld("intent"),
                .withheld("audiences"), .withheld("payload"), .withheld("place_id"), .withheld("required_rights"),
                .withheld("channel_id"),
                .withheld("thing_id"), .withheld("quoted_id"),
            ], key: [], exports: [.withheld("copies of what stands elsewhere, for a day")],
            erasure: [.kept("forgotten after a day")]),
        PersonalTable(
            "event_audiences", [.withheld("audience_id"), .withheld("position")], key: [],
            exports: [.withheld("copies of what stands elsewhere, for a day")],
            erasure: [.kept("forgotten after a day")]),
        PersonalTable(
            "message_search", [.withheld("message_id"), .withheld("tokens")], key: [],
            exports: [.withheld("follows from the texts of the messages")], erasure: [.kept("as long as the messages")]),
    ]

    private static let impersonal: [PersonalTable] = [
        .impersonal("roles", "id server_id name color position permissions hoist mentionable is_default"),
        .impersonal("blobs", "id sha256 size content_type state created_at"),
        .impersonal("blob_checks", "blob_id due_at"),
        .impersonal("blob_variants", "blob_id name variant_id"),
        .impersonal(
            "link_previews",
            "address_hash address title description site_name picture_id picture_key fetched_at"),
        .impersonal("search_queue", "message_id"),
        .impersonal("search_state", "id version next_id"),
        .impersonal("forgotten_things", "thing_id"),
        .impersonal("instance_settings", "key value"),
        .impersonal("workers", "number holder expires_at"),
        .impersonal("schema_migrations", "number name applied_at"),
        .impersonal("event_log_state", "id newest_position pruned_through"),
    ]
}
