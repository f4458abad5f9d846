import Features
import Files
import Janus
import People

/// What this room has: servers and their members, who may see and do what, and who knows whom.
package struct CommunityFeatures: Sendable {
    package let auditLog: AuditLog
    package let notifications: Notifications
    package let presences: Presences
    package let invites: Invites
    package let voice: Voice
    /// In the order in which an account is taken apart: servers are left before what hangs on them goes.
    package let all: [any Feature]

    /// - Parameter voiceServer: nil where there is no media server.
    package init(
        _ parts: Parts, _ files: FileFeatures, _ people: PeopleFeatures, transient: TransientEvents,
        voiceServer: JanusServer? = nil
    ) {
        let sight = Sight(ids: parts.ids)
        auditLog = AuditLog(parts: parts, securityLog: people.securityLog)
        notifications = Notifications(parts: parts)
        presences = Presences(parts, transient: transient)
        voice = Voice(parts: parts, transient: transient, auditLog: auditLog, server: voiceServer)
        let events = ScheduledEvents(parts: parts, auditLog: auditLog)
        let profiles = Profiles(parts: parts, users: people.users, presences: presences)
        let servers = Servers(parts: parts, accounts: people.accounts, sight: sight, auditLog: auditLog)
        invites = Invites(parts: parts, servers: servers, auditLog: auditLog, notifications: notifications)
        all = [
            Channels(parts: parts, sight: sight, auditLog: auditLog), servers,
            Members(
                parts: parts, sight: sight, auditLog: auditLog, presences: presences, notifications: notifications),
            TemporaryMembers(parts: parts, presences: presences),
            Roles(parts: parts, sight: sight, auditLog: auditLog),
            PrivateChannels(parts: parts, notifications: notifications),
            Overwrites(parts: parts, sight: sight, auditLog: auditLog),
            Relationships(parts: parts, presences: presences, notifications: notifications), presences, notifications,
            MessagingSettings(parts: parts), NotificationSettings(parts: parts), profiles,
            AccountChanges(profiles: profiles),
            Banners(
                profiles: profiles, blobs: files.blobs, intake: files.intake, thumbnails: files.thumbnails),
            Bots(parts: parts, servers: servers, auditLog: auditLog), invites,
            Bans(parts: parts, auditLog: auditLog, notifications: notifications), auditLog,
            PermissionReports(parts: parts),
            Emojis(parts: parts, blobs: files.blobs, intake: files.intake, auditLog: auditLog),
            Stickers(parts: parts, blobs: files.blobs, intake: files.intake, auditLog: auditLog),
            Onboarding(parts: parts, sight: sight, auditLog: auditLog),
            Discovery(parts: parts, servers: servers, auditLog: auditLog),
            Templates(parts: parts, servers: servers, auditLog: auditLog), Widgets(parts: parts, auditLog: auditLog),
            events, voice,
            Soundboard(parts: parts, blobs: files.blobs, intake: files.intake, voice: voice, auditLog: auditLog),
            EventPictures(
                events: events, blobs: files.blobs, intake: files.intake, thumbnails: files.thumbnails),
            Avatars(
                parts: parts, blobs: files.blobs, intake: files.intake, thumbnails: files.thumbnails,
                auditLog: auditLog),
        ]
    }
}
