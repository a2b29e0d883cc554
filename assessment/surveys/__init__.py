"""Product surveys: plans, partners, links, messages, answers by link, the close."""
