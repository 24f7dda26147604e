"""Notifications through the Apprise library: mail, chats and webhooks."""
