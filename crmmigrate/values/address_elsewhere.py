"""Cells that say where an address is written, or that there is none, instead of one."""

from functools import lru_cache

from crmmigrate.values.folding import fold

__all__ = ["refers_elsewhere"]

_PHRASES = frozenset(
    """
    same;same as;same as above;same as before;same as billing;same as shipping;same address;as above;as before;see above;see below
    see notes;see note;see attached;see attachment;see contract;see website;see invoice;idem;ditto;do;address unknown;unknown address
    no address;no fixed address;no fixed abode;moved;moved away;left;gone away;not given;not provided;not known;to be confirmed
    to follow;will follow;homeless;test
    la fel;la fel ca mai sus;ca mai sus;vezi mai sus;vezi nota;vezi contract;aceeasi;aceeasi adresa;aceiasi adresa;aceeași adresă
    fara adresa;fără adresă;nu are;nu are adresa;adresa necunoscuta;adresă necunoscută;mutat;lipsa;lipsă;lipseste;necomunicat
    samme;samme som over;samme som ovenfor;samme adresse;som over;se over;se ovenfor;se notat;se notater;adresse ukjent;ukjent adresse
    mangler;mangler adresse;ikke oppgitt;flyttet;ingen adresse;uten adresse;samme som ovan;se ovan;samma;samma som ovan;samma adress
    เหมือนข้างบน;เหมือนเดิม;เหมือนกัน;ที่อยู่เดิม;ที่อยู่เดียวกัน;ตามบัตรประชาชน;ตามทะเบียนบ้าน;ตามข้างต้น;ดูด้านบน;ไม่มีที่อยู่;ไม่ทราบที่อยู่;ไม่ระบุที่อยู่
    siehe oben;wie oben;s o;dieselbe adresse;gleiche adresse;unbekannt verzogen;verzogen;adresse unbekannt;keine adresse
    voir ci dessus;idem ci dessus;même adresse;meme adresse;adresse inconnue;sans adresse;ut supra;misma direccion;misma dirección
    igual que arriba;ver arriba;sin direccion;sin dirección;mesmo endereço;mesmo endereco;o mesmo;ver acima;come sopra;vedi sopra
    stesso indirizzo;zie boven;zelfde adres;idem als boven;jak wyżej;jak wyzej;ten sam adres;j w
    """.replace("\n", ";").split(";")
)
_FOLDED = frozenset(fold(phrase) for phrase in _PHRASES if phrase.strip())


@lru_cache(maxsize=16384)
def refers_elsewhere(text: str) -> bool:
    """Tell whether a cell points to another place or says that there is no address."""
    return fold(text) in _FOLDED
