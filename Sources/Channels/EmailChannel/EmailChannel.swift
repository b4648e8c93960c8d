// EmailChannel
