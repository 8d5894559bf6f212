"""Put objects in an order in which references point to what is already there.

Self references and cycles cannot be ordered: the fields that close them are deferred, to be
written in a second pass when every record exists.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crmmigrate.model.canonical import CanonicalModel, Field
from crmmigrate.model.counting import counted

__all__ = ["Order", "explain_order", "order_objects", "parents_of"]


@dataclass(frozen=True)
class Order:
    """Objects in the order of writing.

    Attributes:
        objects: Parents first.
        deferred: Object → reference fields that wait for the second pass.
        impossible: Required references (`object.field`) that would have to wait, but cannot.
    """

    objects: tuple[str, ...]
    deferred: Mapping[str, tuple[str, ...]]
    impossible: tuple[str, ...] = ()


def order_objects(model: CanonicalModel, objects: Collection[str]) -> Order:
    """Order some objects of the model so that as few references as possible have to wait.

    The order of declaration decides between objects that are free to go. In a cycle the object
    goes first that has no required reference open and the fewest optional ones.
    """
    waiting = [o for o in model.load_order if o in objects]
    done: list[str] = []
    while waiting:
        ready = min(waiting, key=lambda o: _open_weight(model, o, waiting))
        waiting.remove(ready)
        done.append(ready)
    deferred = {o: _late(model, o, done[i:]) for i, o in enumerate(done)}
    return Order(
        tuple(done),
        {o: tuple(f.name for f in late) for o, late in deferred.items() if late},
        tuple(f"{o}.{f.name}" for o, late in deferred.items() for f in late if f.required),
    )


def parents_of(model: CanonicalModel, order: Order) -> dict[str, tuple[str, ...]]:
    """Return object → objects of the order that its references point to and that go before it."""
    found = {}
    for i, name in enumerate(order.objects):
        pointed = {o for f in model.objects[name].references for o in f.references}
        found[name] = tuple(o for o in order.objects[:i] if o in pointed)
    return found


def explain_order(
    model: CanonicalModel, order: Order, second_pass: Mapping[str, int]
) -> tuple[str, ...]:
    """Say in a line or two why objects are written in this order, and what waits.

    Args:
        model: The model.
        order: What `order_objects` returned.
        second_pass: Object → records with a reference that waits; others are passed over.
    """
    if len(order.objects) < 2 and not any(second_pass.values()):
        return ()
    lines = [f"order: {', '.join(order.objects)}; what others point to goes first"]
    for name, fields in order.deferred.items():
        if not second_pass.get(name):
            continue
        late = ", ".join(f"{name}.{field}" for field in fields)
        why = " or ".join(dict.fromkeys(_reason(model, order, name, field) for field in fields))
        lines.append(
            f"second pass, when all records exist: {late} ({counted(second_pass[name], 'record')}), "
            f"which can point to {why}"
        )
    return tuple(lines)


def _reason(model: CanonicalModel, order: Order, name: str, field: str) -> str:
    later = order.objects[order.objects.index(name) + 1 :]
    pointed = model.objects[name].fields[field].references
    ahead = [o for o in later if o in pointed]
    own = [f"another {name}"] if name in pointed else []
    return " or ".join([*own, *(f"a later {o}" for o in ahead)])


def _open_weight(model: CanonicalModel, name: str, waiting: Sequence[str]) -> tuple[int, int]:
    fields = _late(model, name, [o for o in waiting if o != name])
    return sum(f.required for f in fields), len(fields)


def _late(model: CanonicalModel, name: str, later: Sequence[str]) -> list[Field]:
    """Return the references of an object that may point to one of `later`."""
    return [f for f in model.objects[name].references if set(f.references) & set(later)]
