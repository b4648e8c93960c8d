/// What a mail server offers in its answer to EHLO, as far as we use it.
struct SMTPCapabilities: Sendable, Equatable {
    var pipelining = false
    var eightBitMIME = false
    var smtpUTF8 = false
    var authentication = false
    /// SIZE was named.
    var size = false
    /// The largest message in bytes; nil where no limit was named.
    var sizeLimit: Int?

    init() {}

    /// The first line of the reply is the server's name.
    init(_ reply: SMTPReply) {
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: " ")
            // Old servers write "AUTH=LOGIN".
            switch words.first?.prefix(while: { $0 != "=" }).uppercased() {
            case "PIPELINING": pipelining = true
            case "8BITMIME": eightBitMIME = true
            case "SMTPUTF8": smtpUTF8 = true
            case "AUTH": authentication = true
            case "SIZE":
                size = true
                sizeLimit = words.dropFirst().first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
            default: break
            }
        }
    }
}
