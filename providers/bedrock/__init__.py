"""Amazon Bedrock as an upstream."""
