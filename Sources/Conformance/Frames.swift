import Glibc

/// Frames on standard input and output: a length of four bytes, most significant first, then that many bytes.
enum Frames {
    static let help = """
        usage: Conformance json
               Conformance map DIR

        Reads frames and answers each with a frame; a frame is a length of four bytes, most significant first, and as
        many bytes. For comparisons with other implementations.

          json  a frame is a text; the answer is + and the value written again without white space and with the fewest
                escapes, or - and the fault's name
          map   a frame is an object with topic, partition, offset, value (a text) and headers (a list of pairs of
                texts); the answer is the array of notifications that DIR/routing.yaml makes of the record, or an
                object with `rejected`
        """

    /// Answers every frame until the input ends.
    static func answer(_ body: (UnsafeRawBufferPointer) -> [UInt8]) {
        guard let input = fdopen(STDIN_FILENO, "r"), let output = fdopen(STDOUT_FILENO, "w") else { return }
        while let length = read(4, from: input),
            let frame = read(length.reduce(0) { $0 << 8 | Int($1) }, from: input)
        {
            let answer = frame.withUnsafeBytes(body)
            let prefix = withUnsafeBytes(of: UInt32(answer.count).bigEndian) { Array($0) }
            fwrite(prefix + answer, 1, prefix.count + answer.count, output)
        }
        fflush(output)
    }

    private static func read(_ count: Int, from input: UnsafeMutablePointer<FILE>) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return fread(&bytes, 1, count, input) == count ? bytes : nil
    }
}
