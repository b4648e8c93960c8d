import FuzzKit
import JSONBytes

/// Whether a text is accepted, and how its value reads.
struct JSONConformance {
    private let document = JSONDocument()

    func answer(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        do throws(JSONFault) {
            var answer = ByteBuffer()
            answer.append("+" as StaticString)
            CanonicalJSON.append(try document.parse(text), to: &answer)
            return [UInt8](answer)
        } catch {
            return Array("-\(error.code.rawValue)".utf8)
        }
    }
}
