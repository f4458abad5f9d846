import Features
import Kernel

extension Setting {
    package static let voiceMessageLength = Setting(
        "limits.voice_message_seconds", .integer(1...3600), default: "600",
        "The longest that somebody may say in one voice message, in seconds.")
}

extension VoiceMessages: Feature {
    package static let module: Module? = .voiceMessages
    package static let permissions: [Permission] = [.messagesSendVoice]
    package static let settings: [Setting] = [.voiceMessageLength]
}
