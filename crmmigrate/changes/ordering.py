"""Put objects in an order in which references point to what is already there.

Self references and cycles cannot be ordered: the fields that close them are deferred, to be
written in a second pass when every record exists.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crmmigrate.model.canonical import CanonicalModel, Field

__all__ = ["Order", "order_objects"]


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


def _open_weight(model: CanonicalModel, name: str, waiting: Sequence[str]) -> tuple[int, int]:
    fields = _late(model, name, [o for o in waiting if o != name])
    return sum(f.required for f in fields), len(fields)


def _late(model: CanonicalModel, name: str, later: Sequence[str]) -> list[Field]:
    """Return the references of an object that may point to one of `later`."""
    return [f for f in model.objects[name].references if set(f.references) & set(later)]
