"""A web site into a bucket: its pages are found, fetched politely and stored, each embedded as it
lands.

`services.start_crawl` begins one. What is known of it are rows (`CrawledPage`), so it goes on where
it stood when a process died. `rounds` is the job: a few pages at a time, and then the next round.
"""
