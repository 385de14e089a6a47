"""A contract for import-linter: some modules may import the standard library and a short list, nothing else."""

import sys
from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression


class OnlyContract(Contract):
    """Direct imports of `source_modules` stay within `allowed_modules`, the sources and the standard library."""

    type_name = "only"

    source_modules = fields.ListField(subfield=fields.ModuleExpressionField())
    allowed_modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare what each source imports with what it may."""
        expressions = cast(Iterable[ModuleExpression], self.source_modules)
        sources = {
            module.name for module in module_expressions_to_modules(graph, expressions, as_packages=True)
        }
        breaches = [
            f"{source} imports {imported}"
            for source in sorted(sources)
            for imported in sorted(graph.find_modules_directly_imported_by(source))
            if not self._may_import(imported, sources)
        ]
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say every breach in a line."""
        for breach in check.metadata["breaches"]:
            output.print_error(breach)

    def _may_import(self, imported: str, sources: set[str]) -> bool:
        if imported in sources or imported.partition(".")[0] in sys.stdlib_module_names:
            return True
        allowed = cast(Iterable[str], self.allowed_modules)
        return any(imported == one or imported.startswith(f"{one}.") for one in allowed)
