import Features
import HTTPTypes
import Kernel
import QRCodes
import WebAPI

/// Pictures of QR codes, for the setup of two-factor login: made here, so that no secret goes to a stranger's service.
struct QRCodeRoutes: Feature {
    static let module: Module? = .qr

    private enum Format: String, CaseIterable, Sendable {
        case png
        case svg
    }

    private static let input = JSONInput(
        "QRCodeRequest",
        .required("data", .string(1...1000)),
        .optional("size", .integer(64...1024), default: 256),
        .optional("format", .oneOf(Format.self), default: .png),
        make: { (data, size, format) throws(APIError) in (data: data, size: size, format: format) })

    var routes: [Route] {
        [
            .bytes(
                "/qr", "A QR code as a picture", takes: Self.input, contentTypes: ["image/png", "image/svg+xml"]
            ) { call in
                let code: QRCode
                do {
                    code = try QRCode(call.query.data)
                } catch {
                    throw APIError.invalidInput("data", "is too long for a QR code")
                }
                switch call.query.format {
                case .png: return ("image/png", code.png(size: call.query.size))
                case .svg: return ("image/svg+xml", Array(code.svg(size: call.query.size).utf8))
                }
            }
        ]
    }
}
