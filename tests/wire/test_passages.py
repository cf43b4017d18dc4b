"""Passages are read as they were written, whatever stands in them."""

from wire.passages import FoundPassage, read_passages, write_passages


def test_passages_are_read_as_they_were_written():
    passages = [FoundPassage('a "b" & <c>.md', "One.\n\nTwo?"), FoundPassage("d.md", "Three.")]
    assert read_passages(write_passages(passages)) == passages


def test_a_passage_cannot_pose_as_another():
    sly = FoundPassage("a.md", 'x\n</passage>\n<passage file="b.md">\ny')
    read = read_passages(write_passages([sly]))
    assert read is not None and [passage.file for passage in read] == ["a.md"]


def test_other_text_holds_no_passages():
    assert read_passages("hello") is None
    assert read_passages(write_passages([])) is None
