"""The words that show whose position a sentence reports. Lemmas in lower case; no names of real people or places."""


def words(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


SPEECH = words("""
    accuse acknowledge add admit advise affirm agree allege announce answer appeal argue ask assert assure beg boast bristle caution
    charge cite claim comment complain concede conclude confess confirm contend continue counter credit cry declare demand denounce
    deny deplore describe disclaim dispute emphasise emphasize establish estimate exclaim explain fume grant grumble hint implore
    imply inform inquire insist joke lament maintain mention murmur mutter note object observe plead pledge point preach predict
    proclaim promise protest quip reaffirm reason rebut recall reckon recommend remark remind repeat reply report respond retort
    reveal rule say scoff shout shrug sigh snap sniff state stress submit suggest swear tell testify thank think thunder urge vouch
    vow warn whisper wonder write
""")

# Of these, "..., said X," is an inverted tag whatever stands before it; the others may take X as their object.
INVERTED = words("""
    add admit allege argue assert boast claim complain concede conclude contend continue counter cry declare explain grumble insist
    joke maintain murmur mutter object observe predict protest quip reckon remark reply respond retort say scoff shrug sigh snap
    sniff submit wonder
""")

ATTITUDE = words("""
    abandon abhor abstain accept admire advocate aim applaud appreciate approve attack back balk balked believe bemoan berate blame
    blast bless block boo boycott brand bristle calculate call campaign celebrate chafe challenge champion cheer chide come commend
    concur condemn congratulate consider criticise criticize dare decline decry deem defend defy denounce deride despair despise
    detest disagree disapprove disavow dislike dismiss dispute dissociate distance doubt dread embrace endorse envisage expect fault
    favor favour fear feel fight find forswear guess hail hate hold hope intend judge know label laugh like loathe lobby long love
    mind mistrust mock oppose pan petition plan praise prefer press profess propose protest push question rail rebuff refrain refuse
    refute regard regret reject rejoice repudiate resent resist resolve ridicule scorn scrap see seek share shun side slam slate
    spurn stand sue support suspect sympathise sympathize threaten toast tout trust understand value veto view vote want welcome
    wish withdraw worry yearn
""")

ADJECTIVES = words("""
    adamant afraid against aghast alarmed angry anxious appalled averse aware blunt blunter cautious certain concerned confident
    content convinced cool critical delighted determined dismayed dismissive divided doubtful eager elated enthusiastic favourable
    firm furious glad grateful happy hopeful horrified hostile insistent jubilant keen lukewarm minded nervous opposed optimistic
    outraged persuaded pessimistic pleased prepared proud ready relieved reluctant resolute satisfied scathing sceptical scornful
    shy silent skeptical sold sorry split sure sympathetic tired torn unable unconvinced undecided uneasy unhappy unimpressed
    unmoved unpersuaded unrepentant unwilling upset wary willing worried
""")

ATTITUDE_NOUNS = words("""
    acceptance admission advice aim allegation allies anger answer apology appeal approval argument assurance backing belief
    blessing boycott call case challenge claim complaint concern conclusion condemnation confidence contempt conviction counsel
    criticism demand denial desire disapproval dissent doubt endorsement enthusiasm fear finding hope hostility insistence judgement
    judgment line message misgiving objection opinion opposition optimism plea pledge position praise preference promise proposal
    protest reasoning rebuttal refusal rejection reluctance reply reservation resistance response retort ruling scepticism
    skepticism stance statement suggestion support suspicion testimony threat verdict veto view vote warning wish worry
""")

# These report a position only with a clause or a side after them: "the union held that ...", "she voted against it".
CLAUSAL = words("""
    agree boast calculate consider count estimate feel find guess hear hold know predict read reason recall report reveal rule show
    understand vote
""")

# With "have", "see", "take" and the like: "he has no quarrel with it", "they see no reason to".
STANCE_OBJECTS = ATTITUDE_NOUNS | words("""
    alternative danger difficulty distance doubts faith fault insult intention mistake need neutrality nothing patience place plan
    point problem qualm quarrel reason sense silence solution sympathy time truck use value virtue
""")
LIGHT_VERBS = words("express file find give keep have lodge make put raise register reserve see take voice")

# A text that speaks for whoever signed it; the holder is its owner or sender where one is named.
DOCUMENTS = words("""
    affidavit audit brief communique editorial email leaflet letter manifesto memo memorandum motion note objection opinion pamphlet
    petition placard post report statement submission survey tweet
""")

# Who does this to a document stands behind what it says.
SENT = words("circulate deliver hand issue launch present publish put release send sign submit write")

MOUTHPIECES = words("aide aides counsel lawyer office press-office solicitor spokesman spokesperson spokeswoman staff")

# Things that "say" or "want" something only as facts do.
THINGS = words("""
    act agreement amendment answer argument article ban banner behaviour bill book border budget call case center centre chapter
    character chart claim clause code colour committee-room computer constitution contract corner cost crash criticism crowd-puller
    data day deal debate decision decree directive document door draft error evidence experience fact factor favour fee ferry figure
    file fire floor footage grant graph guarantee half harbor harbour hearing history honour idea index inquiry issue labor labour
    laughter law letter licence license line list map matter measure mission money month motor move name notice number objection
    offer opposition order ordinance package paper paragraph permit picture plan plant poll power price program programme project
    promise proposal provision question record reform register regulation regulations report restaurant result river road rule
    rumour scheme section sector sign statistic statistics statute story study summer support talk talks tax text thing threat time
    tower treaty trial truth vapour vote warning warrant water week winter word year
""")

BODY_WORDS = words("""
    academy accord administration agency airline alliance arm army assembly association authority bank bench benches bloc board
    borough branch brigade bureau cabinet campaign carrier caucus chamber charity choir church city club co-operative coalition
    collective college commission committee company confederation conference congress consortium cooperative corporation council
    country county court delegation department directorate district embassy executive faction federation firm force forum foundation
    front fund government group guild hospital hotel house institute institution lab laboratory league lobby magistracy ministry
    mission movement municipality museum network newspaper ngo nonprofit office opposition orchestra organisation organization
    outlet parish parliament party police presidency province regime regulator republic reserve school secretariat section senate
    service services society startup state states syndicate team town treasury tribunal trust union university utility village
    watchdog wing
""")

TITLES = words("""
    actuary admiral advocate agent alderman ambassador archbishop assemblyman assemblywoman attorney atty bishop brigadier butcher
    capt captain chair chairman chairwoman chancellor chief cllr col colleague colonel commander commissioner congressman
    congresswoman constable councillor councilman councilwoman counsel counterpart crofter dame dean delegate deputy detective
    director doctor dr economist farmer father gen general gov governor head headmaster headmistress headteacher hon imam inspector
    judge justice king lady lawyer leader lieutenant lord lt madam magistrate major mayor mayoress minister miss mp mr mrs ms mufti
    nurse officer owner pastor premier pres president prince princess principal prof professor prosecutor provost queen rabbi rector
    rep representative reverend secretary sen senator sergeant sgt sheriff shopkeeper sir sister skipper speaker spokesman
    spokesperson spokeswoman superintendent supt teacher treasurer whip
""")

PEOPLE = words("""
    activist adult advocate ally athlete audience baker banker bloc boy brother campaigner child citizen clergy client commuter
    compatriot conservative consultant counterpart cousin critic customer daughter dealer defendant democrat demonstrator diplomat
    dissident docker driver elder employee engineer executive expert family fan father fisherman folk friend gentleman girl
    granddaughter grandfather grandmother grandson grocer grower guard guest historian hotelier husband individual insider investor
    islander kid landlady landlord lawmaker legislator liberal libertarian man mother mutual neighbor neighbour nephew niece
    observer occupant official onlooker opponent owner parent participant passenger patient peer pensioner people person physician
    player progressive proponent protester pupil relative republican resident rival scholar scientist shepherd shopper soldier
    somebody someone son spectator staff student supporter survivor team-mate teammate teenager tenant union veteran victim villager
    visitor voice volunteer voter widow wife witness woman worker youngster youth
""")
HUMAN_ENDINGS = ("er", "or", "ist", "ian", "man", "men", "woman", "women", "person", "eer", "crat", "ee", "ant", "ologist")

MALE = words("""
    alderman assemblyman boy brother chairman congressman councilman father grandfather headmaster husband king lord man mayor's mr
    prince sir son spokesman uncle
""")
FEMALE = words("""
    assemblywoman aunt chairwoman congresswoman councilwoman dame daughter girl grandmother headmistress lady madam mayoress miss
    mother mrs ms princess queen sister spokeswoman widow wife woman
""")

# With a title or a word for a body these make no proper name: every country has its "Finance Ministry" and its "High Court".
OFFICES = words("""
    agriculture appeal attorney business central chamber coast common constitutional culture defence defense democratic development
    economic economics economy education employment energy environment equality exterior federal finance first fisheries food
    foreign former hall health high higher home housing immigration industry infrastructure interior international joint junior
    labor land local lower metropolitan migration military national new planning prime provincial public regional royal rural
    science security select shadow social standing supreme technology tourism trade transport upper vice welfare works
""")

QUANTITIES = words("""
    all both eight few five four half handful majority many minority most nine nobody none one seven several six some ten three two
""")

INTERVIEWERS = words("anchor announcer host interviewer moderator narrator presenter q question reporter")
INTERVIEWEES = words("a answer guest interviewee")
FIRST_PERSON = words("i me mine my myself our ours ourselves us we")
SINGULAR = words("he her hers herself him himself his she")
PLURAL = words("their theirs them themselves they")
NEUTER = words("it its itself")
