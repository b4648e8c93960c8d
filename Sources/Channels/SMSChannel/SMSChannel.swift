// SMSChannel
