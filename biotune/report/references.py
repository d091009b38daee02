"""What a methods paragraph cites: each reference once, and only where its method was used."""

from enum import Enum


class Reference(Enum):
    """A publication: how it is named in the text, and its line in the list."""

    BILLMAN = (
        "Billman 2013",
        (
            "Billman GE. The LF/HF ratio does not accurately measure cardiac sympatho-vagal balance. Front Physiol. "
            "2013;4:26. doi:10.3389/fphys.2013.00026"
        ),
    )
    CIPRYAN = (
        "Cipryan 2016",
        (
            "Cipryan L. Within-session stability of short-term heart rate variability measurement. J Hum Kinet. "
            "2016;50:85-92. doi:10.1515/hukin-2015-0146"
        ),
    )
    LIPPONEN = (
        "Lipponen & Tarvainen 2019",
        (
            "Lipponen JA, Tarvainen MP. A robust algorithm for heart rate variability time series artefact correction "
            "using novel beat classification. J Med Eng Technol. 2019;43(3):173-181. doi:10.1080/03091902.2019.1640306"
        ),
    )
    MAKOWSKI = (
        "Makowski et al. 2021",
        (
            "Makowski D, Pham T, Lau ZJ, et al. NeuroKit2: A Python toolbox for neurophysiological signal processing. "
            "Behav Res Methods. 2021;53(4):1689-1696. doi:10.3758/s13428-020-01516-y"
        ),
    )
    MUNOZ = (
        "Munoz et al. 2015",
        (
            "Munoz ML, van Roon A, Riese H, et al. Validity of (ultra-)short recordings for heart rate variability "
            "measurements. PLoS ONE. 2015;10(9):e0138921. doi:10.1371/journal.pone.0138921"
        ),
    )
    QUINTANA_2014 = (
        "Quintana & Heathers 2014",
        (
            "Quintana DS, Heathers JAJ. Considerations in the assessment of heart rate variability in biobehavioral "
            "research. Front Psychol. 2014;5:805. doi:10.3389/fpsyg.2014.00805"
        ),
    )
    QUINTANA_2016 = (
        "Quintana et al. 2016",
        (
            "Quintana DS, Alvares GA, Heathers JAJ. Guidelines for Reporting Articles on Psychiatry and Heart rate "
            "variability (GRAPH): recommendations to advance research communication. Transl Psychiatry. 2016;6:e803. "
            "doi:10.1038/tp.2016.73"
        ),
    )
    SARKAR = (
        "Sarkar et al. 2008",
        (
            "Sarkar S, Ritscher D, Mehra R. A detector for a chronic implantable atrial tachyarrhythmia monitor. "
            "IEEE Trans Biomed Eng. 2008;55(3):1219-1224."
        ),
    )
    SHAFFER = (
        "Shaffer & Ginsberg 2017",
        (
            "Shaffer F, Ginsberg JP. An overview of heart rate variability metrics and norms. Front Public Health. "
            "2017;5:258. doi:10.3389/fpubh.2017.00258"
        ),
    )
    TARVAINEN = (
        "Tarvainen et al. 2002",
        (
            "Tarvainen MP, Ranta-aho PO, Karjalainen PA. An advanced detrending method with application to HRV "
            "analysis. IEEE Trans Biomed Eng. 2002;49(2):172-175. doi:10.1109/10.979357"
        ),
    )
    TASK_FORCE = (
        "Task Force 1996",
        (
            "Task Force of the European Society of Cardiology and the North American Society of Pacing and "
            "Electrophysiology. Heart rate variability: standards of measurement, physiological interpretation, and "
            "clinical use. Circulation. 1996;93(5):1043-1065."
        ),
    )
    VEST = (
        "Vest et al. 2018",
        (
            "Vest AN, Da Poian G, Li Q, et al. An open source benchmarked toolbox for cardiovascular waveform and "
            "interval analysis. Physiol Meas. 2018;39(10):105004. doi:10.1088/1361-6579/aae021"
        ),
    )

    @property
    def short(self) -> str:
        """How the text names it."""
        return self.value[0]

    @property
    def full(self) -> str:
        """Its line in the list of references."""
        return self.value[1]
