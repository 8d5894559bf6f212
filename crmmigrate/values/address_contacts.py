"""Cut out of an address what is none of it: telephone and tax numbers, e-mails, how to find the place."""

import re
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_draft import Draft, Item

__all__ = ["cut_contacts"]


def cut_contacts(draft: Draft) -> None:
    """Keep a telephone number that its word announces, or an e-mail, out of the address."""
    pattern = _contact(draft.rules)
    for index in reversed(draft.texts()):
        _cut_remark(draft, index)
    for index in reversed(draft.texts()):
        text = draft.items[index].text
        match = pattern.search(text)
        if match:
            draft.cut(index, match.start(), match.end(), "unparsed", match[0].strip())


_REMARK = re.compile(
    r"(?:^|\()\s*(?:lang[aă]|lâng[aă]|vis[- ]?a[- ]?vis|vizavi|in spatele|în spatele|near|next to|opposite|behind|beside"
    r"|neben|gegenüber|à côté|en face|ved siden av|vis à vis|rett ved|ใกล้|ตรงข้าม|ติดกับ|หลังวัด)(?![^\W_])[^()]*\)?$",
    re.IGNORECASE,
)
"""Where a place is by what is near it, alone or in brackets."""
_ADDRESS_LABEL = re.compile(
    r"^(?:besøksadresse|postadresse|adresse|adresa|adres|address|anschrift|dirección|direccion|indirizzo|endereço|ที่อยู่|adress)\s*:\s*",
    re.IGNORECASE,
)


def _cut_remark(draft: Draft, index: int) -> None:
    """Keep what says how to find a place out of it, and take away `Address:`."""
    item = draft.items[index]
    label = _ADDRESS_LABEL.match(item.text)
    if label and label.end() < len(item.text):
        draft.items[index] = Item("text", item.text[label.end() :], item.line)
    text = draft.items[index].text
    remark = _REMARK.search(text)
    if remark and len(draft.items) > 1:
        draft.cut(index, remark.start(), len(text), "unparsed", text[remark.start() :].strip(" ()"))


_BARE_PHONE = r"(?<![\w/+-])(?:\+\d{1,3}(?:[\s().-]?\d){7,12}|0\d{1,3}[\s.-]\d{3}[\s.-]\d{3,4}|0\d{9})(?![\w/-])"
"""A telephone number that no word announces: international, or national in groups or of ten digits."""


_TAX_NUMBER = (
    r"(?:(?:C\.?U\.?I\.?|C\.?I\.?F\.?)\s*[:.]?\s*(?:RO)?\s?\d{5,10}(?!\d)"
    r"|(?:VAT|TVA|P\.?\s?IVA|USt-?Id(?:Nr)?\.?|Org\.?\s?nr\.?|NIP|SIRET|SIREN|CNPJ|GSTIN|ABN|CVR)"
    r"\s*[:.]?\s*[A-Z]{0,3}\s?\d[\d .-]{6,}\d[A-Z\d]*)"
)


@lru_cache(maxsize=512)
def _contact(rules: RegionRules) -> re.Pattern[str]:
    labels = {"tel", "tel.", "phone", "telephone", "mobile", *rules.phone.labels}
    words = "|".join(re.escape(w) for w in sorted(labels, key=len, reverse=True) if len(w) > 2)
    number = r"(?:0\d{8,9}(?!\d)|[+(]?\d(?:[\s()./\-]?\d){6,14})"
    return re.compile(
        rf"(?<![^\W_])(?:(?:{words})\s*[:.]?\s*{number}(?![^\W_])|[\w.+-]+@[\w-]+\.[\w.-]+|{_BARE_PHONE}|{_TAX_NUMBER})",
        re.IGNORECASE,
    )
