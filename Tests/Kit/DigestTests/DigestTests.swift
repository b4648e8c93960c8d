import Digest
import Testing

struct DigestTests {
    static let sha1: [(String, String)] = [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("The quick brown fox jumps over the lazy dog", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"),
        // Around the lengths at which the padding takes one more block.
        (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (String(repeating: "a", count: 63), "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
        (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        (String(repeating: "a", count: 65), "11655326c708d70319be2610e8a57d9a5b959d3b"),
        (String(repeating: "a", count: 119), "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"),
        (String(repeating: "a", count: 120), "f34c1488385346a55709ba056ddd08280dd4c6d6"),
        (String(repeating: "a", count: 128), "ad5b3fdbcb526778c2839d2f151ea753995e26a0"),
    ]

    @Test func sha1Hashes() {
        for (text, expected) in Self.sha1 {
            let digest = [UInt8](unsafeUninitializedCapacity: SHA1.length) { digest, count in
                guard let base = digest.baseAddress else { return }
                Array(text.utf8).withUnsafeBytes { SHA1.hash($0, to: base) }
                count = SHA1.length
            }
            #expect(Hex.encode(digest) == expected)
        }
    }

    @Test func writesEightDigitsAtOnce() {
        for number: UInt32 in [0, 0x0123_4567, 0x89AB_CDEF, 0x9A9A_A9A9, .max] {
            let bytes = withUnsafeBytes(of: number.bigEndian) { Array($0) }
            let digits = withUnsafeBytes(of: Hex.digits(number).bigEndian) { String(decoding: $0, as: UTF8.self) }
            #expect(digits == Hex.encode(bytes))
        }
    }

    /// RFC 4231, cases 1, 2, 3 and 6 (a key longer than a block), and the empty key and message.
    static let codes: [([UInt8], [UInt8], String)] = [
        (
            Array(repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            Array(repeating: 0xAA, count: 20), Array(repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test func hmacGivesTheCodesOfTheRFC() {
        for (key, message, expected) in Self.codes {
            let hmac = HMACSHA256(key: key)
            #expect(Hex.encode(hmac.code(for: message)) == expected)
            let inParts = message.withUnsafeBytes { bytes in
                hmac.withCode(of: { add in
                    add(UnsafeRawBufferPointer(rebasing: bytes.prefix(3)))
                    add(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3)))
                }) { [UInt8]($0) }
            }
            #expect(Hex.encode(inParts) == expected)
        }
    }

    @Test func signsAsStandardWebhooks() throws {
        let key = try #require(Base64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"
        let code = HMACSHA256(key: key).code(for: Array(signed.utf8))
        #expect(Base64.encode(code) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    static let base64: [(String, String)] = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("\u{FB}\u{FF}", "w7vDvw=="),
    ]

    @Test func base64RoundTrips() {
        for (text, encoded) in Self.base64 {
            #expect(Base64.encode(Array(text.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(text.utf8))
        }
        #expect(Base64.decode(Base64.encode(Array(0...255))) == Array(0...255))
    }

    @Test(arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm-v", "Zg==Zg==", "Zm9v Zm9v"])
    func base64RefusesWhatNoEncoderWrites(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func randomBytesDiffer() {
        #expect(SecureRandom.bytes(0).isEmpty)
        #expect(SecureRandom.bytes(32).count == 32)
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
    }
}
