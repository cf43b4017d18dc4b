"""The dialect of Azure AI model inference."""
