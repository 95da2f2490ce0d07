# Recipes: installed under pkgdatadir/recipes, found by `preset`.
nobase_dist_pkgdata_DATA += \
	recipes/decoupled/cifar10-lt/crt.sad \
	recipes/decoupled/cifar10-lt/lws.sad \
	recipes/paper/cifar10-lt/ce+drw+sam.sad \
	recipes/paper/cifar10-lt/ce+drw.sad \
	recipes/paper/cifar10-lt/ce+sam.sad \
	recipes/paper/cifar10-lt/ce.sad \
	recipes/paper/cifar10-lt/ldam+drw+sam.sad \
	recipes/paper/cifar10-lt/ldam+drw.sad \
	recipes/paper/cifar10-lt/vs+sam.sad \
	recipes/paper/cifar10-lt/vs.sad \
	recipes/paper/cifar10-step/ce+drw+sam.sad \
	recipes/paper/cifar10-step/ce+drw.sad \
	recipes/paper/cifar10-step/ce+sam.sad \
	recipes/paper/cifar10-step/ce.sad \
	recipes/paper/cifar10-step/ldam+drw+sam.sad \
	recipes/paper/cifar10-step/ldam+drw.sad \
	recipes/paper/cifar10-step/vs+sam.sad \
	recipes/paper/cifar10-step/vs.sad \
	recipes/paper/cifar100-lt/ce+drw+sam.sad \
	recipes/paper/cifar100-lt/ce+drw.sad \
	recipes/paper/cifar100-lt/ce+sam.sad \
	recipes/paper/cifar100-lt/ce.sad \
	recipes/paper/cifar100-lt/ib+sam.sad \
	recipes/paper/cifar100-lt/ib.sad \
	recipes/paper/cifar100-lt/ldam+drw+sam.sad \
	recipes/paper/cifar100-lt/ldam+drw.sad \
	recipes/paper/cifar100-lt/vs+sam.sad \
	recipes/paper/cifar100-lt/vs.sad \
	recipes/paper/cifar100-step/ce+drw+sam.sad \
	recipes/paper/cifar100-step/ce+drw.sad \
	recipes/paper/cifar100-step/ce+sam.sad \
	recipes/paper/cifar100-step/ce.sad \
	recipes/paper/cifar100-step/ldam+drw+sam.sad \
	recipes/paper/cifar100-step/ldam+drw.sad \
	recipes/paper/cifar100-step/vs+sam.sad \
	recipes/paper/cifar100-step/vs.sad \
	recipes/tails/cifar10-lt/blend.sad \
	recipes/tails/cifar10-lt/focalsam.sad \
	recipes/tails/cifar100-lt/blend.sad \
	recipes/tails/cifar100-lt/focalsam.sad \
	recipes/tails/cifar100-lt/imbsam.sad \
	recipes/tails/cifar100-lt/ssesam.sad
EXTRA_DIST += recipes/generate.sh
