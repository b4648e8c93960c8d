// SlackChannel
