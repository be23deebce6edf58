"""Docstrings read as data: which functions and classes rooms use of each other, and what their docstrings leave out."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef

#: a section of Google's style; https://google.github.io/styleguide/pyguide.html#383-functions-and-methods
_HEADING = re.compile(r"(Args|Returns|Yields|Raises|Attributes):$")
_ENTRY = re.compile(r" {4}([\w.*]+(?:, [\w.*]+)*): \S")
_NAMED = ("Args", "Raises", "Attributes")
#: the methods that raise for their callers, and what
_RAISING = {"raise_any": "ContentError"}
_NOTHING = ("None", "NoReturn", "Never", "Iterator[None]")


@dataclass
class Docstring:
    """A docstring's sections: what each names, in ``Returns`` and ``Yields`` its lines; and lines that are neither."""

    text: str
    sections: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, node: Function | ast.ClassDef | None) -> Docstring:
        out = cls(ast.get_docstring(node) or "" if node else "")
        current = ""
        for line in out.text.splitlines():
            heading = _HEADING.match(line)
            if heading:
                current = heading[1]
                out.sections[current] = []
            elif not line.startswith("    "):
                current = current if not line.strip() else ""
            elif current in _NAMED and not line.startswith("     "):
                entry = _ENTRY.match(line)
                if entry:
                    out.sections[current] += [name.lstrip("*") for name in entry[1].split(", ")]
                else:
                    out.unreadable.append(line.strip())
            elif current and current not in _NAMED:
                out.sections[current].append(line.strip())
        return out

    def names(self, section: str) -> list[str]:
        return self.sections.get(section, [])


@dataclass(frozen=True)
class Definition:
    """A function, class or method, and where it stands."""

    module: str
    name: str
    node: Function | ast.ClassDef
    owner: ast.ClassDef | None = None

    @property
    def room(self) -> str:
        return _room(self.module)

    def __str__(self) -> str:
        return f"{self.module}:{self.node.lineno} {self.name}"


class Code:
    """A package's source.

    Args:
        sources: dotted name of a module -> its text; the first part of the names is the package.
    """

    def __init__(self, sources: Mapping[str, str]):
        self.trees = {module: ast.parse(text) for module, text in sources.items()}
        self.defined = {
            (module, node.name): Definition(module, node.name, node)
            for module, tree in self.trees.items()
            for node in tree.body
            if isinstance(node, Function | ast.ClassDef)
        }
        self._classes = {one.name for one in self.defined.values() if isinstance(one.node, ast.ClassDef)}
        self._imported = {
            alias.asname or alias.name
            for tree in self.trees.values()
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom | ast.Import)
            for alias in node.names
        }

    @classmethod
    def of(cls, package: Path) -> Code:
        paths = {path: path.relative_to(package.parent).with_suffix("").as_posix() for path in package.rglob("*.py")}
        names = {path: name.removesuffix("/__init__").replace("/", ".") for path, name in paths.items()}
        return cls({name: path.read_text(encoding="utf-8") for path, name in names.items()})

    def crossing(self) -> list[Definition]:
        """What other rooms use by name: functions, and classes with their public methods and those of their bases."""
        used = {(one.module, one.name): one for one in self._used()}
        return [part for one in used.values() for part in self._parts(one)]

    def public_classes(self, room: str) -> list[Definition]:
        found = [one for one in self.defined.values() if one.room == room and isinstance(one.node, ast.ClassDef)]
        return [part for one in found if not one.name.startswith("_") for part in self._parts(one)]

    def everything(self) -> Iterator[Definition]:
        """Every function, class and method, private and nested ones too."""
        for module, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, Function | ast.ClassDef):
                    yield Definition(module, node.name, node)

    def _used(self) -> Iterator[Definition]:
        for module, tree in self.trees.items():
            modules: dict[str, str] = {}  # what a file calls the modules it imports
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    for alias in node.names:
                        whole = f"{node.module}.{alias.name}"
                        if whole in self.trees:
                            modules[alias.asname or alias.name] = whole
                        else:
                            yield from self._crosses(module, self._find(node.module, alias.name))
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                    yield from self._crosses(module, self._find(modules[node.value.id], node.attr))

    def _crosses(self, user: str, found: Definition | None) -> Iterator[Definition]:
        if found is not None and found.room != _room(user) and not found.name.startswith("_"):
            yield found

    def _find(self, module: str, name: str) -> Definition | None:
        """What a name means in a module: defined there, or where the module has it from."""
        if (module, name) in self.defined or module not in self.trees:
            return self.defined.get((module, name))
        for node in ast.walk(self.trees[module]):
            if isinstance(node, ast.ImportFrom) and node.module and node.module != module:
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return self._find(node.module, alias.name)
        return None

    def _parts(self, one: Definition) -> Iterator[Definition]:
        if not isinstance(one.node, ast.ClassDef):
            if not _is_command(one.node):
                yield one
            return
        yield one
        seen: set[str] = set()
        for class_ in self.with_bases(one):
            assert isinstance(class_.node, ast.ClassDef)
            for node in class_.node.body:
                public = isinstance(node, Function) and (not node.name.startswith("_") or node.name == "__init__")
                if isinstance(node, Function) and public and node.name not in seen and not _is_setter(node):
                    seen.add(node.name)
                    yield Definition(class_.module, f"{class_.name}.{node.name}", node, class_.node)

    def with_bases(self, one: Definition) -> Iterator[Definition]:
        """A class, and its bases as far as the package has them."""
        yield one
        assert isinstance(one.node, ast.ClassDef)
        for base in one.node.bases:
            name = base.value if isinstance(base, ast.Subscript) else base
            found = self._find(one.module, name.id) if isinstance(name, ast.Name) else None
            if found is not None and isinstance(found.node, ast.ClassDef):
                yield from self.with_bases(found)

    def faults(self, one: Definition) -> list[str]:
        """What the docstring of something other rooms use leaves out."""
        doc = Docstring.of(one.node)
        if isinstance(one.node, ast.ClassDef):
            return [] if doc.text else [f"{one}: no docstring"]
        if one.node.name == "__init__":
            of_class = Docstring.of(one.owner)
            doc = doc if doc.text else of_class
        elif not doc.text:
            return [f"{one}: no docstring"]
        other = re.match(r"See (\w+)(?:\.(\w+))?\b", doc.text)
        if other:
            return self._faults_of_named(one, other[1], other[2] or one.node.name)
        out = [f"{one}: Args does not say {name}" for name in _parameters(one.node) if name not in doc.names("Args")]
        returns = ast.unparse(one.node.returns) if one.node.returns else "None"
        gives = returns not in _NOTHING and not _is_property(one.node) and one.node.name != "__init__"
        if gives and not doc.names("Returns") and not doc.names("Yields"):
            out.append(f"{one}: no Returns")
        out += [f"{one}: Raises does not say {name}" for name in self.raised(one) if name not in doc.names("Raises")]
        return out

    def _faults_of_named(self, one: Definition, class_name: str, method: str) -> list[str]:
        for found in self.defined.values():
            if found.name == class_name and isinstance(found.node, ast.ClassDef):
                for class_ in self.with_bases(found):
                    assert isinstance(class_.node, ast.ClassDef)
                    for node in class_.node.body:
                        if isinstance(node, Function) and node.name == method and node is not one.node:
                            return self.faults(Definition(class_.module, f"{class_.name}.{method}", node, class_.node))
        return [f"{one}: there is no {class_name}.{method} to see"]

    def stale(self, one: Definition) -> list[str]:
        """What a docstring says that is not so: parameters, attributes and errors that are none; lines in no form."""
        doc = Docstring.of(one.node)
        out = [f"{one}: cannot be read: {line}" for line in doc.unreadable]
        if isinstance(one.node, ast.ClassDef):
            known = set().union(*(_attributes(class_.node) for class_ in self.with_bases(one)))
            out += [f"{one}: there is no attribute {name}" for name in doc.names("Attributes") if name not in known]
            made = [node for node in one.node.body if isinstance(node, Function) and node.name == "__init__"]
            parameters = _parameters(made[0]) if made else sorted(known)  # a dataclass is made of its fields
        else:
            parameters = _parameters(one.node)
        out += [f"{one}: there is no parameter {name}" for name in doc.names("Args") if name not in parameters]
        out += [f"{one}: there is no error {name}" for name in doc.names("Raises") if not self._is_error(name)]
        return out

    def _is_error(self, name: str) -> bool:
        """Whether a name is a class of errors: a built-in one, or one the package defines or imports."""
        last = name.rsplit(".", 1)[-1]
        found = getattr(builtins, last, None)
        builtin = isinstance(found, type) and issubclass(found, BaseException)
        return builtin or last in self._classes or name.split(".")[0] in self._imported

    def raised(self, one: Definition) -> list[str]:
        """The errors a function's own body raises and does not catch."""
        return list(dict.fromkeys(self._raised(one, one.node.body, frozenset())))

    def _raised(self, one: Definition, body: list[ast.AST] | list[ast.stmt], caught: frozenset[str]) -> Iterator[str]:
        for node in body:
            if isinstance(node, Function | ast.ClassDef | ast.Lambda):
                continue
            if isinstance(node, ast.Raise) and node.exc is not None:
                name = self._class_of(one, node.exc)
                if name and name not in caught:
                    yield name
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                raised = _RAISING.get(node.func.attr)
                if raised and raised not in caught:
                    yield raised
            if isinstance(node, ast.Try):
                types = [ast.unparse(handler.type) for handler in node.handlers if handler.type]
                within = {name.strip("() ").rsplit(".", 1)[-1] for type_ in types for name in type_.split(",")}
                yield from self._raised(one, node.body, caught | within)
                yield from self._raised(one, [*node.handlers, *node.orelse, *node.finalbody], caught)
            else:
                yield from self._raised(one, list(ast.iter_child_nodes(node)), caught)

    def _class_of(self, one: Definition, raised: ast.expr) -> str:
        """The class of what is raised: itself, or what the function that makes it says it returns."""
        called = raised.func if isinstance(raised, ast.Call) else raised
        name = ast.unparse(called).rsplit(".", 1)[-1]
        if not name.lstrip("_")[0].islower():
            return name
        if not isinstance(raised, ast.Call):
            return ""  # a variable: an error that was caught, or that the caller gave
        maker = self._find(one.module, name) if isinstance(called, ast.Name) else None
        returns = maker.node.returns if maker and isinstance(maker.node, Function) else None
        return ast.unparse(returns) if returns else name


def _room(module: str) -> str:
    """What stands directly below the package; nothing for the package itself."""
    return (module.split(".") + [""])[1]


def _parameters(node: Function) -> list[str]:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    more = [one for one in (arguments.vararg, arguments.kwarg) if one]
    return [one.arg for one in [*named, *more] if one.arg not in ("self", "cls")]


def _attributes(node: ast.AST) -> set[str]:
    out = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "self":
            out.add(part.attr)
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            out.add(part.target.id)
        elif isinstance(part, ast.Assign):
            out.update(target.id for target in part.targets if isinstance(target, ast.Name))
        elif isinstance(part, Function):
            out.add(part.name)
    return out


def _decorators(node: Function) -> list[str]:
    named = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    return [ast.unparse(one).rsplit(".", 1)[-1] for one in named]


def _is_property(node: Function) -> bool:
    return not {"property", "cached_property"}.isdisjoint(_decorators(node))


def _is_setter(node: Function) -> bool:
    return "setter" in _decorators(node)


def _is_command(node: Function) -> bool:
    """Whether it is a command of click, whose docstring is its help."""
    return not {"command", "group"}.isdisjoint(_decorators(node))
