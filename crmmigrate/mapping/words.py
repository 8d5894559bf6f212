"""Names that legacy systems give to objects and fields; written without blanks, in lower case."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FIELD_WORDS", "OBJECT_WORDS"]

OBJECT_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "order_line": frozenset(
            {"orderline", "orderlines", "orderdetails", "orderdetail", "details"}
        ),
        "invoice_line": frozenset({"invoiceline", "invoicelines", "invoiceitems"}),
        "lead": frozenset({"lead", "leads", "prospects", "visitors", "fair"}),
        "attachment": frozenset({"attachment", "attachments", "files", "documents"}),
        "note": frozenset({"note", "notes", "comments", "remarks"}),
        "user": frozenset(
            {"employee", "employees", "user", "users", "staff", "agents", "salesreps"}
        ),
        "contact": frozenset(
            {"contact", "contacts", "person", "persons", "people", "customers", "customer"}
        ),
        "account": frozenset(
            {
                "account",
                "accounts",
                "company",
                "companies",
                "organizations",
                "suppliers",
                "supplier",
                "clients",
                "firms",
            }
        ),
        "invoice": frozenset({"invoice", "invoices", "bills"}),
        "order": frozenset({"order", "orders", "purchases", "sales"}),
        "product": frozenset({"product", "products", "articles", "items", "track", "tracks"}),
        "payment": frozenset({"payment", "payments", "receipts"}),
        "opportunity": frozenset({"opportunity", "opportunities", "deals"}),
        "quote": frozenset({"quote", "quotes", "offers"}),
        "case": frozenset({"case", "cases", "tickets", "complaints"}),
        "activity": frozenset({"activity", "activities", "calls", "meetings", "tasks"}),
        "campaign": frozenset({"campaign", "campaigns", "mailings"}),
        "territory": frozenset({"territory", "territories"}),
    }
)
"""Object → words in names of datasets; lines and leads come before what they belong to."""

FIELD_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "name:person_name": frozenset(
            {
                "fullname",
                "contactname",
                "customername",
                "personname",
                "displayname",
                "contact",
                "visitor",
                "nameofvisitor",
            }
        ),
        "name:organization": frozenset(
            {
                "companyname",
                "company",
                "accountname",
                "customername",
                "suppliername",
                "firm",
                "organization",
            }
        ),
        "name:text": frozenset({"title", "productname", "articlename", "campaignname"}),
        "person_name.given": frozenset(
            {
                "firstname",
                "forename",
                "givenname",
                "prenume",
                "fornavn",
                "vorname",
                "prenom",
                "nombre",
            }
        ),
        "person_name.middle": frozenset({"middlename", "mellomnavn"}),
        "person_name.family": frozenset(
            {
                "lastname",
                "surname",
                "familyname",
                "nume",
                "etternavn",
                "nachname",
                "nomdefamille",
                "apellido",
            }
        ),
        "person_name.prefix": frozenset({"titleofcourtesy", "salutation", "anrede", "prefix"}),
        "person_name.suffix": frozenset({"suffix", "namesuffix"}),
        "postal_address.street": frozenset(
            {
                "street",
                "address",
                "address1",
                "addressline1",
                "streetaddress",
                "strada",
                "gate",
                "strasse",
                "rue",
                "adresse",
                "adresa",
            }
        ),
        "postal_address.street2": frozenset({"address2", "addressline2", "street2"}),
        "postal_address.house_number": frozenset(
            {"housenumber", "housenr", "number", "hausnummer"}
        ),
        "postal_address.locality": frozenset(
            {"city", "town", "locality", "oras", "localitate", "poststed", "ort", "ville", "stadt"}
        ),
        "postal_address.region": frozenset(
            {"state", "province", "county", "judet", "fylke", "bundesland"}
        ),
        "postal_address.postal_code": frozenset(
            {
                "zip",
                "zipcode",
                "postcode",
                "postalcode",
                "codpostal",
                "postnummer",
                "plz",
                "codepostal",
            }
        ),
        "postal_address.country": frozenset({"country", "tara", "land", "pays", "countrycode"}),
        "phone": frozenset(
            {"telephone", "tel", "telefon", "phonenumber", "phone1", "workphone", "businessphone"}
        ),
        "mobile": frozenset({"mobilephone", "cell", "cellphone", "mobil", "handy", "gsm"}),
        "home_phone": frozenset({"homephone", "privatephone"}),
        "other_phone": frozenset({"phone2", "otherphone"}),
        "fax": frozenset({"faxnumber", "telefax"}),
        "email": frozenset({"mail", "emailaddress", "email1", "epost"}),
        "other_email": frozenset({"email2", "otheremail"}),
        "website": frozenset({"homepage", "url", "web", "www"}),
        "title": frozenset({"jobtitle", "position", "function", "contacttitle", "role"}),
        "birth_date": frozenset({"birthdate", "dateofbirth", "dob", "birthday"}),
        "hire_date": frozenset({"hiredate", "hiredon"}),
        "company": frozenset({"companyname", "organization", "firm", "employer"}),
        "tax_id": frozenset({"vat", "vatnumber", "vatid", "cui", "taxnumber"}),
        "description": frozenset({"notes", "remarks", "comment", "comments", "note"}),
        "created_on": frozenset({"created", "createdat", "createddate", "datecreated"}),
        "modified_on": frozenset(
            {"modified", "modifiedat", "updated", "updatedat", "lastmodified"}
        ),
        "order_date": frozenset({"orderdate", "ordered", "date"}),
        "invoice_date": frozenset({"invoicedate", "date"}),
        "number": frozenset({"orderno", "ordernumber", "invoiceno", "invoicenumber"}),
        "sku": frozenset({"articleno", "articlenumber", "itemno", "productcode"}),
        "unit_price": frozenset({"price", "listprice"}),
        "quantity": frozenset({"qty", "amount"}),
        "body": frozenset({"text", "note", "content"}),
        "file_name": frozenset({"filename"}),
        "mime_type": frozenset({"mimetype", "contenttype"}),
    }
)
"""Field, or `type.part`, → other names for it."""
