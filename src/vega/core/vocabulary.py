"""Vocabularies of English by which values.py tells a name or a favourite from a description."""

import re


def of(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: They stand for someone or something else, or begin a clause: no value holds them uncapitalised.
CLAUSE = of("""
i me you he she it we they him them us mine yours his hers her ours theirs my your our their
myself yourself itself himself herself themselves this that these those than
everything anything something nothing everyone anyone someone everybody nobody whatever whichever
what which who whom whose when where why how because while although if unless whether
is are was were be been has have had does did would should must cannot let's
isn't aren't wasn't weren't don't doesn't didn't won't can't couldn't wouldn't hasn't haven't ain't
i'm i've i'd i'll it's he's she's that's there's what's who's you're we're they're
""")
PREPOSITIONS = of("""
about above across after against along among around as at before behind below beside between beyond
by despite down during except for from in inside into like near of off on onto out outside over
past per since through till to toward towards under until up upon via with within without
""")
#: Adverbs, quantities and conjunctions: with these a description begins, and not a value.
ADVERBS = of("""
not never no none always often already also still just even only quite very too so rather pretty
almost nearly soon later here there away back ago again anymore ever sometimes seldom hardly now
then once twice more most less least much many such both either neither nor all any some each every
and but or yet maybe perhaps totally super kinda sorta right together ahead far long-gone else
well better worse best worst first second third last next top own other another same one
""")
TIMES = of("""
today tonight tomorrow yesterday soon later now anytime sometime weekly daily
monday tuesday wednesday thursday friday saturday sunday
mondays tuesdays wednesdays thursdays fridays saturdays sundays
""")
#: What something is at a time or in someone's eyes; none of it is what the thing is.
STATES = of("""
open shut dead alive dying gone done lost stolen worn torn broken sold written known hidden taken
forgotten beaten stuck hurt sick ill late early ready busy free full empty available unavailable
missing pregnant married single divorced engaged asleep awake alone absent tall old new young ugly
beautiful handsome pretty cute lovely lonely friendly good bad great nice fine okay ok awful awesome
amazing boring exciting interesting annoying disappointing confusing exhausting relaxing depressing
stunning outstanding overwhelming charming inspiring fascinating refreshing embarrassing
expensive cheap pricey costly affordable overrated underrated popular famous rich poor smart stupid
clever dumb silly funny weird strange odd normal common uncommon rare unusual unique special
ordinary typical perfect terrible horrible excellent fantastic wonderful brilliant superb decent
easy hard difficult simple complicated complex tricky tough impossible possible likely unlikely
important irrelevant relevant useless useful safe dangerous healthy unhealthy tasty delicious yummy
gross nasty dirty clean happy sad angry upset mad glad proud sorry afraid scared tired hungry
thirsty sleepy cranky drunk sober crazy insane evil kind mean rude polite generous loud quiet noisy
silent fast slow quick strong weak heavy tall fat skinny fit bald blind deaf true false wrong
correct fake official private public local foreign different similar identical equal original
controversial political religious personal confidential classified secret offline online live
dry-cleaned undefeated unbeaten bankrupt broke legendary iconic epic lit cool trash garbage rubbish
ancient traditional biblical everywhere bent obvious evident clear certain uncertain unsure
debatable negotiable flexible confused variable legal illegal
short long big small huge tiny excited called named made born built found left sent held kept put
""")
#: Qualities that are a state of most things, and just what is asked of a flavour or a weather.
QUALITIES = of("""
sweet sour salty bitter savory savoury spicy mild hot cold warm cool chilly sunny rainy cloudy snowy
windy foggy stormy humid dry wet soft hard smooth rough crunchy crispy chewy creamy thin thick small
medium large big tiny huge long short round loose tight slim rare dark light bright pale deep clear
old new
""")
OF_QUALITIES = of("""
color colour shade hue tone flavor flavour taste weather size texture shape style temperature mood
crust finish fit length climate light steak adjective word scent smell sound season
""")
NATIONS = of("""
american british english irish scottish welsh french german italian spanish portuguese dutch belgian
swiss austrian polish czech hungarian romanian bulgarian greek turkish russian ukrainian swedish
norwegian danish finnish icelandic chinese japanese korean thai vietnamese indian pakistani iranian
persian arab arabic hebrew jewish israeli egyptian moroccan nigerian ethiopian kenyan african asian
european mexican brazilian argentinian cuban canadian australian latin hawaiian lebanese
""")
#: "My favorite cuisine is Thai" names it; "My favorite author is French" describes them.
OF_NATIONS = of("""
food cuisine language subject class accent music dressing cheese wine beer bread culture people
nationality kitchen takeout takeaway mythology cooking history chocolate course breed
""")
ACTIVITIES = of("""
sport hobby activity pastime exercise workout thing way part memory subject class chore skill
interest passion game event discipline job time leisure tradition memory task craft art stroke
pleasure habit quirk ritual
""")
#: Things that are a kind, of which one can be named with "a"; "a doctor" is no favourite uncle.
KINDS = of("""
animal pet bird fish insect bug dinosaur creature fruit vegetable veggie food meal breakfast lunch
dinner snack dessert drink beverage cocktail dish treat sandwich instrument tool toy car vehicle
flower plant tree weapon shape gift present outfit breakfast activity pastime hobby date weekend
vacation holiday garment hat possession
""")
OF_NUMBERS = of("""
number digit year integer prime time date age temperature jersey song movie film book album show
decade century size channel route bus highway interstate car plane
""")
UNITS = of("""
dollar euro buck pound cent second minute hour day week month year mile kilometer kilometre km meter
metre foot feet inch block page point percent degree stop
""")
NUMBERS = of("one two three four five six seven eight nine ten twelve twenty fifty hundred")
#: Nouns among the words in -ing, -ed, -ly and of adjectives' endings.
ING_NOUNS = of("""
spring morning evening king ring string thing wing pudding dressing stuffing ceiling building
wedding painting drawing earring thanksgiving icing frosting herring sibling dumpling duckling
darling viking clothing seasoning starling sterling lightning bing sting bling ping swing
pudding boxing fling sling gelding lemming
""")
ED_NOUNS = of("""
red bed seed weed moped infrared thoroughbred reed speed feed steed breed sled shed shred hundred
wicked biped flatbed newlywed aniseed flaxseed seaweed linseed tweed united ted fred sacred linkedin
""")
LY_NOUNS = of("""
jelly belly lily holly fly butterfly dragonfly firefly italy july family bully monopoly assembly
curly burly early jolly kelly billy molly polly sally emily silly melancholy barfly roly poly
chantilly philly
lilly dolly grizzly anomaly piccalilli barbly bubbly
""")
ADJECTIVE_NOUNS = of("""
olive chive endive five detective vegetable table cable native hive dive locomotive couscous archive
clive live drive beehive cave stable constable handful collective narrative octavious
""")
ATTRIBUTIVE = of("""
sparkling baking running hiking rolling talking cooking dancing sleeping flying swimming training
walking boxing chewing knitting reality-singing
""")
#: Also of a hobby these tell what happens to it, not what it is.
STATIVE = of("""
losing winning dying getting coming becoming being showing leaving starting ending opening closing
changing missing trending growing fading declining falling rising failing happening going
""")
LETTERS = of("letter note grade vitamin key vowel consonant blood")
#: In any case, they say that there is no value.
NO_VALUE = of("""
none nothing unknown unnamed undecided idk tbd tbc n/a na null undefined not never no anything
something everything whatever yours
""")
PLACEHOLDER = re.compile(r"[\[\]{}<>_=|\\]|\.\.\.|…")
SMALL = of("""
a an the of in on and to for with by at from as is vs de la le les du des der das die van von il el
los las und y et do da dos n' & i
""")

PARTICLES = of("""
van von der den de del della di da dos das do du la le las los el al ul bin ibn bint ben abu ter ten
te tot zu zum af av y e i und san st st. 't d' o' jr sr jr. sr. ap mac mc
""")
TITLES = of("dr mr mrs ms prof sir dame lady lord miss mister doctor professor captain")
#: No name even with a capital.
NEVER_NAMES = NO_VALUE | of("""
the who what which when where why how probably maybe secret irrelevant private confidential
misspelled wrong your and or but
""")
#: Whoever says to be one of these is at play.
FICTIONAL = of("""
batman superman spiderman spider-man supergirl catwoman groot hulk ironman iron-man aquaman godzilla
santa satan lucifer zeus odin thor gandalf dumbledore voldemort yoda darth chewbacca pikachu shrek
dracula frankenstein tarzan cinderella pinocchio god
""")
#: "Call me Tomorrow", "I go by Train".
NEVER_CALLED = TIMES | of("""
asap back home at on in when if after before by up out collect tonight this next maybe anytime
whenever sometime once bus train car bike bicycle plane foot taxi boat tram metro subway ferry air
sea road names again please a an the
""")
#: Names that end as adverbs, participles and gerunds do.
NAMES = of("""
kelly emily molly polly holly lily lilly sally wally billy willy milly dolly shelly nelly elly
carly karly beverly kimberly everly waverly connolly donnelly connelly reilly o'reilly ely orly ally
tilly mcnally charly lly ed ted ned jed fred red jared ahmed mohamed mohammed muhammed hamed khaled
waled majed javed sayed rashed mildred obed alfred wilfred winifred manfred siegfried gottfried
wilfried sterling channing irving manning fleming browning golding harding keating spalding downing
loving darling olive clive sven wing spring story grace
""")
