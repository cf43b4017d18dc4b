"""The Telnyx AI surface: `{host}/telnyx/v2`. Translation and nothing else."""
