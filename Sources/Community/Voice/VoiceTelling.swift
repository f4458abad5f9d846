import Database
import Events
import Features
import Kernel

/// What devices in a room are told once a transaction is through. Each is an audience by itself, so that there is nobody who could
/// have ceased to see it.
enum VoiceTelling: Sendable {
    case epoch(VoiceEpochEvent, to: [Audience])
    case server(VoiceServerEvent, to: Audience)
}

extension Voice {
    /// A room has others in it from now on.
    static func epoch(
        of channel: ChannelID, _ cause: VoiceEpochEvent.Cause, _ tx: Transaction
    ) throws -> VoiceTelling {
        let there = try VoiceStore.states(in: channel, tx).filter { $0.device != nil }
        let roster = there.compactMap { state in
            state.device.map { VoiceState.Device.Entry(user: state.user, device: $0) }
        }
        if there.isEmpty { try VoiceRoomStore.release(channel, tx) }
        let event = VoiceEpochEvent(
            channel: channel, server: there.first?.server, epoch: try VoiceRoomStore.beginEpoch(of: channel, tx),
            cause: cause, isEncrypted: try isEncrypted(there, in: channel, tx), roster: roster)
        return .epoch(event, to: there.map(\.ownAudience))
    }

    func tell(_ tellings: [VoiceTelling]) {
        for telling in tellings {
            switch telling {
            case .epoch(let event, let devices): tell(.voiceEpoch, event, to: devices)
            case .server(let event, let device): tell(.voiceServerUpdate, event, to: [device])
            }
        }
    }

    func tell<Payload>(_ kind: TransientEventKind<Payload>, _ payload: Payload, to devices: [Audience]) {
        transient.publish(kind, payload, to: devices, knowing: 0)
    }
}
