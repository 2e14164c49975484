# Labels for the nearest neighbours may come from another set than the one that is trained on.
source "$SOURCE/tests/regressions/colours.sh"
colours train 60 .=90,90,90
colours labelled 20 ant=$red bee=$green cat=$blue
colours test 10 bee=$green cat=$blue
packed train labelled test
expect 2 "try: knn.data=FOLDER" "$ESPALIER" pretrain colours.yaml --out refused task.name=rotation train.hooks=[knn]
knn_run() { mpi 2 pretrain colours.yaml --quiet task.name=rotation train.hooks=[knn] train.steps=2 knn.data=labelled.set parallel.lanes=2 --out "$@"; }
knn_run alone
is "$(value alone knn_accuracy)" 1.0 "the accuracy of a part of knn.data among the rest"
knn_run both data.validation=test.set
is "$(value both knn_accuracy)" 1.0 "the accuracy of data.validation among knn.data"
