import Events
import JSONBytes
import Routing
import TestKit

/// What the core makes of a record.
final class MappingConformance {
    private var mapper: Mapper
    private let document = JSONDocument()

    /// Loads `routing.yaml` and `templates` of a directory.
    init(directory: String) throws {
        let table = try RoutingTable.load(
            file: "\(directory)/routing.yaml", templatesDirectory: "\(directory)/templates", endpoints: nil,
            environment: [:])
        mapper = Mapper(table: table, contacts: ContactTable())
    }

    func answer(_ frame: UnsafeRawBufferPointer) -> [UInt8] {
        guard let root = try? document.parse(frame), let value = root.member("value") else {
            return rejected("bad_frame")
        }
        var headers: [(String, String)] = []
        root.member("headers")?.forEachElement { pair in
            headers.append((pair.element(0)?.string ?? "", pair.element(1)?.string ?? ""))
        }
        let record = RecordFixture(
            topic: root.member("topic")?.string ?? "", partition: Int32(root.member("partition")?.integer ?? 0),
            offset: Int64(root.member("offset")?.integer ?? 0), value: Array(value.string.utf8),
            headers: headers.map { ($0.0, Array($0.1.utf8)) })
        return record.withRecord { record in
            var output = MappedOutput()
            if case .rejected(let rejection) = mapper.map(record, into: &output) { return rejected(rejection.code) }
            var answer = JSONWriter()
            answer.beginArray()
            for record in output.records { answer.raw(output.bytes[record.value]) }
            answer.endArray()
            return answer.finish()
        }
    }

    private func rejected(_ code: String) -> [UInt8] { Array(#"{"rejected":"\#(code)"}"#.utf8) }
}
