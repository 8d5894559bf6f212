"""Write the numbering plans of the installed phonenumbers for the package.

Usage: python scripts/make_phone_plans.py            after a new release of phonenumbers

Source: the metadata of phonenumbers (Apache-2.0, The Libphonenumber Authors).
"""

from pathlib import Path

from crmmigrate.standardize.phone_plan_file import write_plans

if __name__ == "__main__":
    write_plans(Path(__file__).parents[1] / "crmmigrate/values/data/phone_plans.parquet")
