-- 学籍与学工系统（xgxt）：学生基本信息、迎新、学籍异动、奖惩、资助、宿舍、毕业，学工处主管
-- 表前缀：xs_ 学生，xg_ 学工业务，tw_ 团委，dm_ 代码

CREATE TABLE dm_xb (
    dm char(1)     PRIMARY KEY,
    mc varchar(20) NOT NULL
);
INSERT INTO dm_xb VALUES
    ('1', '男'), ('2', '女');

CREATE TABLE dm_mz (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(30) NOT NULL
);
INSERT INTO dm_mz VALUES
    ('01', '汉族'), ('03', '回族'), ('08', '壮族'), ('11', '满族');

CREATE TABLE dm_xjzt (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(30) NOT NULL
);
INSERT INTO dm_xjzt VALUES
    ('01', '在读'), ('02', '休学'), ('03', '退学'), ('07', '毕业'),
    ('08', '结业');

CREATE TABLE dm_ydlb (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(30) NOT NULL
);
INSERT INTO dm_ydlb VALUES
    ('11', '转专业'), ('12', '转学'), ('21', '休学'), ('22', '复学'),
    ('31', '退学');

CREATE TABLE xs_jbxx (
    xh    varchar(12)  PRIMARY KEY,
    xm    varchar(60)  NOT NULL,
    xb    char(1)      REFERENCES dm_xb (dm),
    mz    varchar(2)   REFERENCES dm_mz (dm),
    csrq  date,
    sfzjh varchar(18),
    bjdm  varchar(8),
    yxdm  varchar(2),
    rxny  varchar(7),
    lxdh  varchar(20),
    zp    varchar(200)
);
INSERT INTO xs_jbxx (xh, xm, xb, mz, csrq, sfzjh, bjdm, yxdm, rxny) VALUES
    ('2023010101', '学生甲', '1', '01', NULL, NULL, '20230101', '01', '2023-09'),
    ('2023010102', '学生乙', '2', '01', NULL, NULL, '20230101', '01', '2023-09'),
    ('2023020101', '学生丙', '1', '11', NULL, NULL, '20230201', '02', '2023-09'),
    ('2024010101', '学生丁', '2', '03', NULL, NULL, '20240101', '01', '2024-09'),
    ('2022040101', '学生戊', '2', '01', NULL, NULL, '20220401', '04', '2022-09');

CREATE TABLE xs_jtcy (
    id   bigint       PRIMARY KEY,
    xh   varchar(12)  NOT NULL REFERENCES xs_jbxx (xh),
    gx   varchar(20),
    cyxm varchar(60),
    gzdw varchar(100),
    lxdh varchar(20)
);
INSERT INTO xs_jtcy VALUES
    (1, '2023010101', '家长', '家长甲', NULL, NULL),
    (2, '2023020101', '家长', '家长丙', NULL, NULL);

CREATE TABLE xs_xjxx (
    xh   varchar(12) PRIMARY KEY REFERENCES xs_jbxx (xh),
    zydm varchar(6)  NOT NULL,
    xz   smallint,
    xjzt varchar(2)  REFERENCES dm_xjzt (dm),
    sfzx boolean     DEFAULT true,
    zcrq date
);
INSERT INTO xs_xjxx VALUES
    ('2023010101', '510203', 3, '01', true, '2024-09-02'),
    ('2023010102', '510203', 3, '01', true, '2024-09-02'),
    ('2023020101', '460301', 3, '01', true, '2024-09-02'),
    ('2024010101', '510203', 3, '01', true, '2024-09-02');

CREATE TABLE xs_xjyd (
    ydid bigint       PRIMARY KEY,
    xh   varchar(12)  NOT NULL REFERENCES xs_jbxx (xh),
    ydlb varchar(2)   NOT NULL REFERENCES dm_ydlb (dm),
    ydrq date,
    ydyy varchar(200),
    pzwh varchar(60)
);
INSERT INTO xs_xjyd VALUES
    (1, '2023010102', '11', '2024-03-01', '本人申请转专业', '示教字〔2024〕12 号'),
    (2, '2023020101', '21', '2024-03-11', '应征入伍保留学籍', '示教字〔2024〕15 号');

CREATE TABLE xg_yxbd (
    xh   varchar(12) PRIMARY KEY,
    bdsj timestamp,
    bdzt char(1)     DEFAULT 0,
    lstd boolean     DEFAULT false,
    jfzt char(1),
    lxcz varchar(40)
);
INSERT INTO xg_yxbd VALUES
    ('2024010101', '2024-09-01 09:12:00', '1', false, '1', '地铁'),
    ('2024010102', NULL, '2', false, '0', NULL);

CREATE TABLE xg_jxj (
    id    bigint        PRIMARY KEY,
    xh    varchar(12)   NOT NULL REFERENCES xs_jbxx (xh),
    xn    varchar(9)    NOT NULL,
    jxjmc varchar(60)   NOT NULL,
    dj    varchar(10),
    je    numeric(10,2)
);
INSERT INTO xg_jxj VALUES
    (1, '2023010102', '2023-2024', '国家励志奖学金', NULL, 6000.00),
    (2, '2023010101', '2023-2024', '校级奖学金', '二等', 1000.00);

CREATE TABLE xg_wjcf (
    id   bigint       PRIMARY KEY,
    xh   varchar(12)  NOT NULL REFERENCES xs_jbxx (xh),
    cflb varchar(20),
    cfrq date,
    cfyy varchar(300),
    jcrq date
);
INSERT INTO xg_wjcf VALUES
    (1, '2023020101', '警告', '2024-05-10', '违反宿舍管理规定', '2024-11-10');

CREATE TABLE xg_knsrd (
    id   bigint       PRIMARY KEY,
    xh   varchar(12)  NOT NULL REFERENCES xs_jbxx (xh),
    xn   varchar(9)   NOT NULL,
    rddj varchar(20),
    rdyj varchar(300)
);
INSERT INTO xg_knsrd VALUES
    (1, '2023010102', '2024-2025', '一般困难', NULL),
    (2, '2023020101', '2024-2025', '困难', NULL);

CREATE TABLE xg_ss (
    xh   varchar(12) PRIMARY KEY REFERENCES xs_jbxx (xh),
    lh   varchar(10) NOT NULL,
    fjh  varchar(10),
    cwh  varchar(5),
    rzrq date
);
INSERT INTO xg_ss VALUES
    ('2023010101', '3', '412', '1', '2023-09-02'),
    ('2023010102', '5', '206', '3', '2023-09-02'),
    ('2024010101', '5', '310', '2', '2024-09-01');

CREATE TABLE xg_qjjl (
    id   bigint      PRIMARY KEY,
    xh   varchar(12) NOT NULL REFERENCES xs_jbxx (xh),
    qjlx varchar(10),
    kssj timestamp,
    jssj timestamp,
    spzt char(1)
);
INSERT INTO xg_qjjl VALUES
    (1, '2023010101', '事假', '2024-10-10 08:00:00', '2024-10-10 18:00:00', '2'),
    (2, '2023010102', '病假', '2024-11-04 08:00:00', '2024-11-05 18:00:00', '2');

CREATE TABLE tw_tyxx (
    xh   varchar(12) PRIMARY KEY,
    tzb  varchar(60),
    rtrq date,
    tfjn boolean
);
INSERT INTO tw_tyxx VALUES
    ('2023010101', '软件 2301 团支部', '2020-05-04', true),
    ('2023010102', '软件 2301 团支部', '2019-05-04', true);

CREATE TABLE tw_sthd (
    hdid bigint       PRIMARY KEY,
    stmc varchar(60)  NOT NULL,
    hdmc varchar(100) NOT NULL,
    hdsj timestamp,
    cyrs integer
);
INSERT INTO tw_sthd VALUES
    (1, '机器人社', '迎新展示', '2024-09-21 14:00:00', 60),
    (2, '志愿者协会', '校园植树', '2025-03-12 09:00:00', 120);

CREATE TABLE xs_byxx (
    xh    varchar(12) PRIMARY KEY,
    bynf  char(4)     NOT NULL,
    bylx  varchar(10),
    byzsh varchar(30),
    lxsj  timestamp
);
INSERT INTO xs_byxx VALUES
    ('2022040101', '2025', '毕业', NULL, '2025-06-27 10:00:00');

CREATE TABLE xs_lxs (
    xh   varchar(12) PRIMARY KEY,
    gj   varchar(40),
    hzh  varchar(20),
    qzdq date,
    xxfs varchar(20)
);
INSERT INTO xs_lxs VALUES
    ('L2024001', '某国', NULL, NULL, '学历生');

CREATE VIEW v_xs_rstj AS
SELECT j.yxdm, left(j.rxny, 4) AS nj, count(*) AS rs
  FROM xs_jbxx j
  JOIN xs_xjxx x ON x.xh = j.xh
 WHERE x.sfzx
 GROUP BY j.yxdm, left(j.rxny, 4);
COMMENT ON VIEW v_xs_rstj IS '在校生人数统计视图（按院系、年级）';

-- 数据字典注释
COMMENT ON TABLE dm_xb IS '性别码';
COMMENT ON COLUMN dm_xb.dm IS '代码';
COMMENT ON COLUMN dm_xb.mc IS '名称';
COMMENT ON TABLE dm_mz IS '民族码';
COMMENT ON COLUMN dm_mz.dm IS '代码';
COMMENT ON COLUMN dm_mz.mc IS '名称';
COMMENT ON TABLE dm_xjzt IS '学籍状态码';
COMMENT ON COLUMN dm_xjzt.dm IS '代码';
COMMENT ON COLUMN dm_xjzt.mc IS '名称';
COMMENT ON TABLE dm_ydlb IS '学籍异动类别码';
COMMENT ON COLUMN dm_ydlb.dm IS '代码';
COMMENT ON COLUMN dm_ydlb.mc IS '名称';
COMMENT ON TABLE xs_jbxx IS '学生基本信息表';
COMMENT ON COLUMN xs_jbxx.xh IS '学号';
COMMENT ON COLUMN xs_jbxx.xm IS '姓名';
COMMENT ON COLUMN xs_jbxx.xb IS '性别码';
COMMENT ON COLUMN xs_jbxx.mz IS '民族码';
COMMENT ON COLUMN xs_jbxx.csrq IS '出生日期';
COMMENT ON COLUMN xs_jbxx.sfzjh IS '身份证件号';
COMMENT ON COLUMN xs_jbxx.bjdm IS '班级代码';
COMMENT ON COLUMN xs_jbxx.yxdm IS '院系代码';
COMMENT ON COLUMN xs_jbxx.rxny IS '入学年月';
COMMENT ON COLUMN xs_jbxx.lxdh IS '联系电话';
COMMENT ON TABLE xs_jtcy IS '学生家庭成员表';
COMMENT ON COLUMN xs_jtcy.id IS '记录号';
COMMENT ON COLUMN xs_jtcy.xh IS '学号';
COMMENT ON COLUMN xs_jtcy.gx IS '与本人关系';
COMMENT ON COLUMN xs_jtcy.cyxm IS '成员姓名';
COMMENT ON COLUMN xs_jtcy.gzdw IS '工作单位';
COMMENT ON COLUMN xs_jtcy.lxdh IS '联系电话';
COMMENT ON TABLE xs_xjxx IS '学籍信息表';
COMMENT ON COLUMN xs_xjxx.xh IS '学号';
COMMENT ON COLUMN xs_xjxx.zydm IS '专业代码';
COMMENT ON COLUMN xs_xjxx.xz IS '学制';
COMMENT ON COLUMN xs_xjxx.xjzt IS '学籍状态码';
COMMENT ON COLUMN xs_xjxx.sfzx IS '是否在校';
COMMENT ON COLUMN xs_xjxx.zcrq IS '最近注册日期';
COMMENT ON TABLE xs_xjyd IS '学籍异动表';
COMMENT ON COLUMN xs_xjyd.ydid IS '异动编号';
COMMENT ON COLUMN xs_xjyd.xh IS '学号';
COMMENT ON COLUMN xs_xjyd.ydlb IS '异动类别码';
COMMENT ON COLUMN xs_xjyd.ydrq IS '异动日期';
COMMENT ON COLUMN xs_xjyd.ydyy IS '异动原因';
COMMENT ON COLUMN xs_xjyd.pzwh IS '批准文号';
COMMENT ON TABLE xg_yxbd IS '迎新报到表';
COMMENT ON COLUMN xg_yxbd.xh IS '学号';
COMMENT ON COLUMN xg_yxbd.bdsj IS '报到时间';
COMMENT ON COLUMN xg_yxbd.bdzt IS '报到状态（0 未报到，1 已报到，2 放弃入学）';
COMMENT ON COLUMN xg_yxbd.lstd IS '是否绿色通道';
COMMENT ON COLUMN xg_yxbd.jfzt IS '缴费状态';
COMMENT ON COLUMN xg_yxbd.lxcz IS '来校乘坐交通方式';
COMMENT ON TABLE xg_jxj IS '奖学金评定表';
COMMENT ON COLUMN xg_jxj.id IS '记录号';
COMMENT ON COLUMN xg_jxj.xh IS '学号';
COMMENT ON COLUMN xg_jxj.xn IS '学年';
COMMENT ON COLUMN xg_jxj.jxjmc IS '奖学金名称';
COMMENT ON COLUMN xg_jxj.dj IS '等级';
COMMENT ON COLUMN xg_jxj.je IS '金额（元）';
COMMENT ON TABLE xg_wjcf IS '违纪处分表';
COMMENT ON COLUMN xg_wjcf.id IS '记录号';
COMMENT ON COLUMN xg_wjcf.xh IS '学号';
COMMENT ON COLUMN xg_wjcf.cflb IS '处分类别';
COMMENT ON COLUMN xg_wjcf.cfrq IS '处分日期';
COMMENT ON COLUMN xg_wjcf.cfyy IS '处分原因';
COMMENT ON COLUMN xg_wjcf.jcrq IS '解除日期';
COMMENT ON TABLE xg_knsrd IS '家庭经济困难学生认定表';
COMMENT ON COLUMN xg_knsrd.id IS '记录号';
COMMENT ON COLUMN xg_knsrd.xh IS '学号';
COMMENT ON COLUMN xg_knsrd.xn IS '学年';
COMMENT ON COLUMN xg_knsrd.rddj IS '认定等级';
COMMENT ON COLUMN xg_knsrd.rdyj IS '认定依据';
COMMENT ON TABLE xg_ss IS '宿舍住宿表';
COMMENT ON COLUMN xg_ss.xh IS '学号';
COMMENT ON COLUMN xg_ss.lh IS '楼号';
COMMENT ON COLUMN xg_ss.fjh IS '房间号';
COMMENT ON COLUMN xg_ss.cwh IS '床位号';
COMMENT ON COLUMN xg_ss.rzrq IS '入住日期';
COMMENT ON TABLE xg_qjjl IS '学生请假记录表';
COMMENT ON COLUMN xg_qjjl.id IS '记录号';
COMMENT ON COLUMN xg_qjjl.xh IS '学号';
COMMENT ON COLUMN xg_qjjl.qjlx IS '请假类型';
COMMENT ON COLUMN xg_qjjl.kssj IS '开始时间';
COMMENT ON COLUMN xg_qjjl.jssj IS '结束时间';
COMMENT ON COLUMN xg_qjjl.spzt IS '审批状态';
COMMENT ON TABLE tw_tyxx IS '团员信息表';
COMMENT ON COLUMN tw_tyxx.xh IS '学号';
COMMENT ON COLUMN tw_tyxx.tzb IS '团支部';
COMMENT ON COLUMN tw_tyxx.rtrq IS '入团日期';
COMMENT ON COLUMN tw_tyxx.tfjn IS '团费是否缴纳';
COMMENT ON TABLE tw_sthd IS '社团活动表';
COMMENT ON COLUMN tw_sthd.hdid IS '活动编号';
COMMENT ON COLUMN tw_sthd.stmc IS '社团名称';
COMMENT ON COLUMN tw_sthd.hdmc IS '活动名称';
COMMENT ON COLUMN tw_sthd.hdsj IS '活动时间';
COMMENT ON COLUMN tw_sthd.cyrs IS '参与人数';
COMMENT ON TABLE xs_byxx IS '毕业信息表';
COMMENT ON COLUMN xs_byxx.xh IS '学号';
COMMENT ON COLUMN xs_byxx.bynf IS '毕业年份';
COMMENT ON COLUMN xs_byxx.bylx IS '毕业类型（毕业、结业、肄业）';
COMMENT ON COLUMN xs_byxx.byzsh IS '毕业证书编号';
COMMENT ON COLUMN xs_byxx.lxsj IS '离校时间';
COMMENT ON TABLE xs_lxs IS '国际学生信息表';
COMMENT ON COLUMN xs_lxs.xh IS '学号';
COMMENT ON COLUMN xs_lxs.gj IS '国籍';
COMMENT ON COLUMN xs_lxs.hzh IS '护照号';
COMMENT ON COLUMN xs_lxs.qzdq IS '签证到期日';
COMMENT ON COLUMN xs_lxs.xxfs IS '学习方式';
