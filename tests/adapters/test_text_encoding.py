"""Encodings are found from evidence anywhere in the file."""

import pytest

from crmmigrate.adapters.batches import RESERVED
from crmmigrate.adapters.registry import open_file
from crmmigrate.adapters.text_encoding import check_encoding, find_encoding
from crmmigrate.errors import UsageError

TEXTS = [
    ("cp1250", "Timişoara,Ştefan Ţepeş\nIaşi,Ana Mărginean\n"),
    ("cp1252", "Tromsø,Bjørn Ødegård\nÅlesund,Åse Sæther\n"),
    ("cp1252", "Müller GmbH,Straße 5\nJürgen Groß,Büro €\n"),
    ("cp1252", "Éléonore Lefèvre,Besançon\nL’Hôtel,Nîmes\n"),
    ("cp874", "สมชาย ใจดี,กรุงเทพมหานคร\nเชียงใหม่,ถนนสุขุมวิท\n"),
    ("cp1251", "Иван Петров,Москва\nООО Ромашка,ул. Ленина\n"),
    ("koi8_r", "Иван Петров,Москва\nООО Ромашка,ул. Ленина\n"),
    ("cp1250", "Łukasz Wójcik,Gdańsk\nMałgorzata Żak,ul. Świętokrzyska\n"),
    ("cp1254", "İstanbul,Şükrü Öztürk\nAyşe Yıldız,Muğla\n"),
    ("cp1253", "Αθήνα,Γιώργος Παπαδόπουλος\n"),
    ("cp1256", "محمد علي,الرياض\n"),
    ("cp932", "山田太郎,東京都新宿区\nさくら商事株式会社,ヤマダ ハナコ\n"),
    ("gb18030", "张伟,北京市朝阳区\n上海有限公司,李娜\n"),
    ("big5", "陳怡君,台北市信義區\n王小明,高雄市\n"),
    ("cp949", "김철수,서울특별시 강남구\n이영희,부산광역시\n"),
    ("cp850", "Müller GmbH,Straße 5\n"),
    ("utf-8", "Ștefan,東京\n"),
    ("utf-8-sig", "Ștefan,東京\n"),
    ("utf-16", "Ștefan,東京\n"),
    ("utf-16-le", "Stefan and many more,words here\n"),
    ("utf-32", "Ștefan,東京\n"),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_text_is_read_as_it_was_written(tmp_path, read_all, encoding, text):
    path = tmp_path / "a.csv"
    path.write_bytes(("name,city\n" + text).encode(encoding))
    expected = [tuple(line.split(",")) for line in text.splitlines()]
    assert read_all(open_file(path)).drop(RESERVED).rows() == expected


@pytest.mark.parametrize(
    ("candidates", "encoding", "text"),
    [
        (["cp1255"], "cp1255", "תל אביב,דוד כהן\n"),
        (["cp1250"], "cp1250", "Győr,Erdős Béla\nSzűcs Éva,Székesfehérvár\n"),
        (["cp1257"], "cp1257", "Šiauliai,Žemaitė Jūratė\nKęstutis Ąžuolas,Panevėžys\n"),
        (["cp932", "euc_jp"], "euc_jp", "山田太郎,東京都新宿区\nさくら商事,ヤマダ ハナコ\n"),
    ],
)
def test_the_regions_code_pages_are_preferred(tmp_path, candidates, encoding, text):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert path.read_bytes().decode(find_encoding(path, candidates).name) == text


def test_evidence_far_down_the_file_counts(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"plain,ascii\n" * 500_000 + "Timişoara,Ştefan Ţepeş\n".encode("cp1250"))
    assert find_encoding(path, ["cp1250"]).name == "cp1250"


def test_mixed_encodings_follow_the_majority(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("Iași\n".encode() * 9 + "Iaşi\n".encode("cp1250"))
    found = find_encoding(path)
    assert found.name == "utf-8"
    assert found.how == "UTF-8 in 9 of 10 sampled lines"


def test_unknown_encoding():
    assert check_encoding("windows-1250") == "cp1250"
    for name in ("nonsense", "base64", "idna", "undefined"):
        with pytest.raises(UsageError, match="unknown encoding"):
            check_encoding(name)


def test_a_named_encoding_must_fit_the_file(write_file, read_all):
    path = write_file("a.csv", "a,b\n1,ț\n")
    with pytest.raises(UsageError, match="not in utf-16"):
        open_file(path, encoding="utf-16").describe()
    assert read_all(open_file(path, encoding="ascii"))["_rejected"].to_list() == ["EXT105"]
    wide = write_file("b.csv", "a,b\n1,ț\n".encode("utf-16-be"))
    assert read_all(open_file(wide, encoding="utf-16"))["b"].to_list() == ["ț"]
