/// A value together with its JSON, for what is told in an event and answered to a request alike.
public struct EncodedOnce<Value: JSONEncodable>: JSONEncodable {
    public let value: Value
    public let jsonBytes: [UInt8]

    public init(_ value: Value) {
        self.value = value
        self.jsonBytes = value.jsonBytes
    }

    public static var schema: JSONSchema { Value.schema }

    public func encode(to json: inout JSONWriter) { json.raw(jsonBytes) }
}
