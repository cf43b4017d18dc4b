"""The OpenAI surface: `{host}/openai/v1`. Translation and nothing else."""
