"""The words that show whose position a sentence reports. Lemmas in lower case; no names of real people or places."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPEECH = _words("""
    accuse acknowledge add admit advise affirm agree allege announce answer argue ask assert assure boast bristle caution charge claim comment complain
    cry concede conclude confess confirm contend counter declare demand deny deplore describe dispute emphasise emphasize estimate exclaim explain grumble hint
    grant imply inform insist joke lament maintain mention murmur mutter note object observe plead pledge point predict proclaim promise protest
    quip reason recall reckon recommend remark remind repeat reply report respond retort reveal rule say scoff shout sigh shrug snap sniff stress
    suggest swear tell testify think submit thank thunder urge vow warn whisper wonder write
""")

ATTITUDE = _words("""
    abhor accept aim applaud approve back balk balked believe bemoan berate blame bless block boycott brand calculate call campaign celebrate challenge champion
    cheer chide commend condemn consider criticise criticize dare decline decry defend defy deem deride detest despise disagree dismiss dislike dissociate distance
    doubt dread embrace endorse envisage expect fault favor favour fear feel fight find guess hail hate hold hope intend judge know label laugh like
    lobby long loathe love mean mind mistrust mock oppose petition plan praise prefer press profess propose push question rail refuse refute regard regret
    reject rejoice resent resist resolve ridicule see seek shun side slam slate spurn stand support suspect sympathise sympathize threaten toast trust
    understand value veto view vote wait want welcome wish withdraw worry yearn
""")

ADJECTIVES = _words("""
    adamant afraid against alarmed angry anxious appalled aware averse certain clear cautious concerned confident content convinced cool critical delighted
    determined dismissive divided doubtful eager enthusiastic favourable firm furious glad grateful happy hopeful horrified hostile insistent keen
    lukewarm minded nervous open opposed optimistic pessimistic pleased prepared proud ready relieved reluctant resolute satisfied sceptical skeptical scathing
    silent sold sorry sure sympathetic unconvinced undecided uneasy unhappy unimpressed unmoved unrepentant unpersuaded unwilling wary willing worried
    blunt blunter scornful unmoved shy delighted split torn
""")

ATTITUDE_NOUNS = _words("""
    acceptance admission advice aim allegation allies answer anger apology appeal approval argument assurance backing belief blessing boycott call case challenge claim complaint
    conclusion concern condemnation confidence contempt conviction counsel criticism demand denial desire disapproval dissent doubt endorsement enthusiasm fear finding
    hope hostility insistence judgement judgment line message misgiving objection opinion opposition optimism plea pledge position praise preference
    promise proposal protest reasoning rebuttal refusal rejection reluctance reply reservation response resistance retort ruling scepticism skepticism stance statement
    suggestion support suspicion testimony threat verdict veto view vote warning wish worry
""")

# With "have", "see", "take" and the like: "he has no quarrel with it", "they see no reason to".
STANCE_OBJECTS = ATTITUDE_NOUNS | _words("""
    alternative danger difficulty doubts faith fault insult intention mistake need nothing patience place plan point problem quarrel qualm reason sense solution
    sympathy time truck use value virtue
""")
LIGHT_VERBS = _words("express file find give have lodge make put raise register reserve see take voice")

# A text that speaks for whoever signed it; the holder is its owner or sender where one is named.
DOCUMENTS = _words("""
    affidavit audit brief communique editorial email leaflet letter manifesto memo memorandum motion note objection opinion pamphlet petition
    placard post report statement submission survey tweet
""")

MOUTHPIECES = _words("aide aides counsel lawyer office press-office solicitor spokesman spokesperson spokeswoman staff")

# Things that "say" or "want" something only as facts do.
THINGS = _words("""
    act agreement amendment article banner bill book budget chart clause code constitution contract cost crash data day decision decree deal
    directive document draft evidence experience fact figure file fire footage graph half history idea index inquiry law licence license line
    list map measure mission money month move name notice number order ordinance package paragraph permit picture plan poll price programme
    program project proposal provision record reform regulation regulations report result river road rule scheme section sign statistic statistics statute
    story study tax text thing time treaty truth vote week word year decision ban answer question trial hearing case issue debate argument
    objection opposition support criticism call warning claim threat promise talk talks
""")

BODY_WORDS = _words("""
    academy administration agency alliance army assembly association authority bank bench benches board borough bureau cabinet chamber charity church city club
    coalition college commission committee company confederation congress consortium cooperative corporation council country county court delegation department
    directorate district embassy executive faction federation firm force forum foundation fund government group guild hospital house institute
    institution league lobby magistracy ministry mission movement municipality museum network office opposition organisation organization parish parliament
    party police presidency province regulator republic school secretariat senate service services society state states syndicate team town
    treasury tribunal trust union university village watchdog
""")

TITLES = _words("""
    admiral advocate agent alderman ambassador archbishop assemblyman assemblywoman attorney bishop brigadier captain chair chairman chairwoman chancellor chief cllr
    colonel commander commissioner congressman congresswoman constable councillor councilman councilwoman counsel dame dean delegate deputy detective director doctor
    dr economist farmer father general governor headmaster headmistress headteacher inspector head judge justice king lady lawyer leader lieutenant lord madam magistrate
    major mayor mayoress minister miss mp mr mrs ms nurse officer pastor premier president prince princess principal prof professor prosecutor queen rabbi rector
    rep representative reverend secretary sen senator sergeant sheriff shopkeeper sir sister speaker spokesman spokesperson spokeswoman skipper superintendent teacher
    treasurer whip mufti imam owner colleague counterpart
""")

MALE = _words("mr sir lord king prince father chairman spokesman assemblyman councilman congressman alderman headmaster mayor's husband brother son man grandfather uncle boy")
FEMALE = _words(
    "mrs ms miss madam lady dame queen princess mayoress chairwoman spokeswoman assemblywoman councilwoman congresswoman headmistress"
    " wife sister daughter woman grandmother aunt mother girl widow"
)

QUANTITIES = _words("all both few half handful half many majority minority most nobody none no-one one some several several two three four five six seven eight nine ten")

INTERVIEWERS = _words("announcer anchor host interviewer moderator narrator presenter q question reporter")
INTERVIEWEES = _words("a answer guest interviewee")
FIRST_PERSON = _words("i we me us my our myself ourselves mine ours")
SINGULAR = _words("he him his himself she her hers herself")
PLURAL = _words("they them their theirs themselves")
NEUTER = _words("it its itself")
