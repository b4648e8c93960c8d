internal import Delivery
internal import Notifications
internal import Transfer

/// Turns a notification into a request of Twilio's Messages API: pure.
enum SMSRequest {
    static func request(for notification: Notification, _ config: SMSConfig) throws(Refusal) -> TransferRequest {
        guard case .sms(let phone) = notification.recipient, case .sms(let text) = notification.content else {
            throw refusal("wrong_channel", "the notification is not an SMS")
        }
        guard let number = PhoneNumber(phone) else {
            throw refusal("bad_phone", "recipient.phone is not a phone number in E.164 form, such as +15551234567")
        }
        var form = FormBody()
        form.add("To", number.text)
        switch config.sender {
        case .from(let sender): form.add("From", sender)
        case .messagingService(let service): form.add("MessagingServiceSid", service)
        }
        form.add("Body", text)
        do throws(TransferFailure) {
            var headers = HTTPHeaders()
            try headers.append(known: "content-type", FormBody.contentType)
            return .http(
                HTTPRequest(
                    url: config.url, headers: headers, body: form.bytes, timeout: config.timeout,
                    basicAuth: try BasicAuth(user: config.accountSID, password: config.authToken)))
        } catch {
            throw refusal(error.code, error.message)
        }
    }

    private static func refusal(_ code: String, _ message: String) -> Refusal {
        Refusal(deadLetter: .permanent, code: code, message: message)
    }
}
