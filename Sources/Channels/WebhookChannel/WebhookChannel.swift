// WebhookChannel
