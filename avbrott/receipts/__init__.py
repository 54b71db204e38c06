"""What a provider is told of its delivery: made and signed by the hub, fetched and verified by the provider."""
