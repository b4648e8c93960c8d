import Testing

@testable import Control

struct EventFieldsTests {
    static let rows: [([String], String)] = [
        (["a=1", "b=1.50", "c=true", "d=null"], #"{"a":1,"b":1.50,"c":true,"d":null}"#),
        (["a=x y", "b=", #"c="1""#, "d=01", "e=a=b"], #"{"a":"x y","b":"","c":"1","d":"01","e":"a=b"}"#),
        (["a.b=1", "a.c.d=x", "e=[1,2]", #"f={"g":1}"#], #"{"a":{"b":1,"c":{"d":"x"}},"e":[1,2],"f":{"g":1}}"#),
        ([#"a=say "hi""#, "ü=ö"], #"{"a":"say \"hi\"","ü":"ö"}"#),
    ]

    @Test(arguments: rows)
    func valuesAreJSONOrText(words: [String], json: String) throws {
        var fields = EventFields()
        for word in words { try fields.add(word) }
        #expect(fields.json == json)
    }

    @Test(arguments: [["a"], ["a=1", "a=2"], ["a=1", "a.b=2"], ["a.b=1", "a=2"], ["a..b=1"], [".a=1"], ["=1"]])
    func refusesWhatHasNoPlace(words: [String]) {
        #expect(throws: EventFields.Fault.self) {
            var fields = EventFields()
            for word in words { try fields.add(word) }
        }
    }

    @Test func defaultsDoNotReplace() throws {
        var fields = EventFields()
        try fields.add("event_id=7")
        fields.setDefault("event_id", text: "other")
        fields.setDefault("user_id", text: "u1")
        #expect(fields.json == #"{"event_id":7,"user_id":"u1"}"#)
        #expect(fields.text("event_id") == "7" && fields.text("user_id") == "u1" && fields.text("x") == nil)
    }
}
