"""Published data sets become labelled texts."""

from pathlib import Path

from detectors.labelled import Labelled, write_labelled
from ml.benchmark.sources import read_sources


def test_each_known_file_of_a_folder_is_read(tmp_path: Path) -> None:
    files = {
        "openai_moderation.jsonl": '{"prompt": "a", "H": 1, "V": 1, "H2": 1}\n{"prompt": "b", "SH": 1}\n'
        '{"prompt": "c", "H": 0}\n',
        "edos.csv": "rewire_id,text,label_sexist,label_category,label_vector,split\n"
        '1,d,sexist,"1. threats, plans",x,test\n2,e,not sexist,none,none,train\n',
        "jigsaw_sample_ibm.csv": "comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate\n"
        "f,1,0,1,0,1,0\ng,1,0,0,0,0,0\nh,0,0,0,0,0,0\n",
        "disputecheck_dev.csv": "sub,cat,block_normal,block_dispute,text\nharsh_situation,harsh,1,0,i\n",
        "uci_yelp.txt": 'So bad.\t0\r"Good."\t1\n',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    write_labelled(tmp_path / "mine.csv", [Labelled("j", "mine", "spam", "block", "pass")])
    assert read_sources(tmp_path) == [
        Labelled("a", "openai H2", "threat", "block", "block"),
        Labelled("b", "openai SH", "self_harm", "", ""),
        Labelled("c", "openai none", "", "", ""),
        Labelled("d", "edos threat", "threat", "block", "block", "test"),
        Labelled("e", "edos other", "", "", "", "train"),
        Labelled("f", "jigsaw insult", "insult", "block", ""),
        Labelled("h", "jigsaw clean", "", "pass", "pass"),
        Labelled("So bad.", "uci yelp complaint", "", "pass", "pass"),
        Labelled("Good.", "uci yelp praise", "", "pass", "pass"),
        Labelled("i", "disputecheck harsh situation", "profanity", "block", "pass"),
        Labelled("j", "mine", "spam", "block", "pass"),
    ]
