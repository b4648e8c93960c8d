/// A named value of a log line. Names are snake_case; values never hold secrets, addresses of people or contents.
package struct LogField: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case number(Double)
        case bool(Bool)
    }

    let name: String
    let value: Value

    package init(_ name: StaticString, _ value: String) { self.init(name, .text(value)) }
    package init(_ name: StaticString, _ value: some BinaryInteger) {
        self.init(name, .integer(Int64(clamping: value)))
    }
    package init(_ name: StaticString, _ value: Double) { self.init(name, .number(value)) }
    package init(_ name: StaticString, _ value: Bool) { self.init(name, .bool(value)) }

    private init(_ name: StaticString, _ value: Value) {
        self.name = name.description
        self.value = value
    }
}
