// Asks veraPDF about files, for verapdf.py. Its jar carries an interpreter of JavaScript, which is all that this needs.
// The two profiles are read here: veraPDF reads them, and forty others, with JAXB, which Java no longer has.

const { PDFAFlavour, PDFAFlavour$Specification: Specification } = Packages.org.verapdf.pdfa.flavours;
const { Profiles } = Packages.org.verapdf.pdfa.validation.profiles;

function elements(parent, name) {
  const found = parent.getElementsByTagName(name);
  return Array.from({ length: found.getLength() }, (_, place) => found.item(place));
}

function text(parent, name) {
  return elements(parent, name)[0].getTextContent();
}

function readRule(element) {
  const id = elements(element, "id")[0];
  return Profiles.ruleFromValues(
    Profiles.ruleIdFromValues(
      Specification.valueOf(id.getAttribute("specification")),
      id.getAttribute("clause"),
      id.getAttribute("testNumber"),
    ),
    element.getAttribute("object"),
    java.lang.Boolean.valueOf(element.getAttribute("deferred")),
    element.getAttribute("tags"),
    text(element, "description"),
    text(element, "test"),
    Profiles.errorFromValues(text(element, "message"), []),
    [],
  );
}

function readVariable(element) {
  return Profiles.variableFromValues(
    element.getAttribute("name"),
    element.getAttribute("object"),
    text(element, "defaultValue"),
    text(element, "value"),
  );
}

function readProfile(flavour, file) {
  const source = java.lang.ClassLoader.getSystemResourceAsStream("org/verapdf/pdfa/validation/" + file);
  const tree = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(source);
  return Profiles.profileFromValues(
    PDFAFlavour.fromString(flavour),
    Profiles.profileDetailsFromValues(flavour, "", "", new java.util.Date()),
    "",
    new java.util.HashSet(elements(tree, "rule").map(readRule)),
    new java.util.HashSet(elements(tree, "variable").map(readVariable)),
  );
}

// The rules that a file breaks, each with its clause, its test and what it asks for.
function broken(path, profile) {
  const parser = foundry.createParser(new java.io.File(path), profile.getPDFAFlavour());
  const result = foundry.createValidator(profile, false).validate(parser);
  parser.close();
  const rules = Array.from(result.getFailedChecks().keySet().toArray());
  if (result.isCompliant() !== (rules.length === 0)) throw new Error(path + ": veraPDF contradicts itself");
  return rules.map((id) => `${id.getClause()}-${id.getTestNumber()} ${profile.getRuleByRuleId(id).getDescription()}`).sort();
}

Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
const foundry = Packages.org.verapdf.pdfa.Foundries.defaultInstance();
const profiles = { "3a": readProfile("3a", "PDFA-3A.xml"), ua1: readProfile("ua1", "PDFUA-1.xml") };
print(JSON.stringify(arguments.map((path) => ({ "3a": broken(path, profiles["3a"]), ua1: broken(path, profiles.ua1) }))));
