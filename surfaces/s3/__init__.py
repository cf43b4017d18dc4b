"""The S3 dialect: buckets and their objects for the tools that speak it."""
