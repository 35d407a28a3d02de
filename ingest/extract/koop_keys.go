package extract

// Keys of Document.Meta for official publications: those of KOOP (kamerstukken,
// Kamervragen, Handelingen, the journals), laws, local rules, court decisions
// and documents of rijksoverheid.nl. A key is there only with a value. Several
// values stand in the order of the source with "; " between them.
const (
	// KeyIdentifier is the official identifier: "kst-32545-143",
	// "ah-tk-20202021-3235", "BWBR0045754", "CVDR100394_2", "ECLI:…".
	KeyIdentifier = "identifier"
	// KeyDossier are the numbers of the dossiers, with the chapter of a budget
	// behind a hyphen: "35842", "36600-VII". Of Handelingen: the dossiers that
	// were debated.
	KeyDossier = "dossier"
	// KeyNumber is the number of a paper in its dossier: "143", "D", "12-b1".
	KeyNumber = "ondernummer"
	// KeySession is the parliamentary year: "2020-2021".
	KeySession = "vergaderjaar"
	// KeyKind is the publication ("Kamerstuk", "Kamervragen (Aanhangsel)",
	// "Handelingen", "Staatsblad" …) and what it is within it: "Kamerstuk;
	// Motie". Laws have "wet- en regelgeving", local rules "lokale regelgeving".
	KeyKind = "soort"
	// KeyAuthor are those who submitted a paper or asked the questions, in the
	// order of names in running text: "I. (Inge) van Dijk; P.A. Grinwis".
	KeyAuthor = "indiener"
	// KeySigner are those who signed a decision.
	KeySigner = "ondertekenaar"
	// KeyReceiver are those the questions were put to.
	KeyReceiver = "ontvanger"
	// KeyMinistry is the ministry that answered, decided or published.
	KeyMinistry = "ministerie"
	// KeyCreator is the body that published: "Tweede Kamer der Staten-Generaal",
	// "Kampen".
	KeyCreator = "creator"
	// KeyChamber is "Tweede Kamer" or "Eerste Kamer".
	KeyChamber = "kamer"
	// KeyIssue is the number within its series where there is no dossier: of an
	// Aanhangsel, a Staatsblad, the meeting of Handelingen.
	KeyIssue = "nummer"
	// KeyAgendaItem is the number of the item on the agenda of a meeting.
	KeyAgendaItem = "agendapunt"
	// KeyPublication is the name of the journal as printed on it.
	KeyPublication = "publicatie"
	// KeyDossierTitle is the title of the first dossier.
	KeyDossierTitle = "dossiertitel"
	// KeyQuestion is the number of questions: "2021Z09739".
	KeyQuestion = "vraagnummer"
	// KeyAsked is the day questions were sent in, as YYYY-MM-DD.
	KeyAsked = "ingezonden"
	// KeyMainDocument is the identifier of the paper an attachment belongs to.
	KeyMainDocument = "hoofddocument"
	// KeyReplacedBy is the identifier of what replaced a publication.
	KeyReplacedBy = "replaced_by"
	// KeyStatus is "Opgemaakt", "Onopgemaakt" and the like.
	KeyStatus = "status"
	// KeySubject are subjects from the lists of the publisher.
	KeySubject = "onderwerp"
	// KeyAvailable is the day of publication where Published is that of the paper
	// itself, as YYYY-MM-DD.
	KeyAvailable = "beschikbaar"
	// KeyDiscussed are papers and dossiers that an agenda or decision deals with.
	KeyDiscussed = "behandeld"
	// KeySource is the first publication of a law: "Stb. 2021, 499".
	KeySource = "bron"
	// KeyMetadata is the name of the file that the values were taken from, where
	// that is another than the document.
	KeyMetadata = "metadata"
)
