/// Why a text is no value of the wanted type; the message follows the key.
struct BadValue: Error {
    let message: String
    var suggestion: String?
}
