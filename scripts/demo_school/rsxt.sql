-- 人事管理系统（rsxt）：教职工信息、招聘、职称、考核、培训、薪资、出国（境）、离退休，人事处主管
-- 表前缀：rs_ 人事业务，dm_ 代码

CREATE TABLE dm_zc (
    dm varchar(3)  NOT NULL,
    mc varchar(30) NOT NULL,
    jb varchar(10),
    CONSTRAINT pk_dm_zc PRIMARY KEY (dm)
);
COMMENT ON TABLE dm_zc IS '专业技术职务码（GB/T 8561）';
COMMENT ON COLUMN dm_zc.dm IS '代码';
COMMENT ON COLUMN dm_zc.mc IS '职务名称';
COMMENT ON COLUMN dm_zc.jb IS '级别';
INSERT INTO dm_zc VALUES
    ('011', '教授', '正高级'), ('012', '副教授', '副高级'),
    ('013', '讲师', '中级'), ('014', '助教', '初级'),
    ('082', '高级工程师', '副高级'), ('083', '工程师', '中级');

CREATE TABLE dm_gwlb (
    dm varchar(2)  NOT NULL,
    mc varchar(30) NOT NULL,
    CONSTRAINT pk_dm_gwlb PRIMARY KEY (dm)
);
COMMENT ON TABLE dm_gwlb IS '岗位类别码';
COMMENT ON COLUMN dm_gwlb.dm IS '代码';
COMMENT ON COLUMN dm_gwlb.mc IS '名称';
INSERT INTO dm_gwlb VALUES
    ('1', '管理岗位'), ('2', '专业技术岗位'), ('3', '工勤技能岗位');

CREATE TABLE dm_xl (
    dm varchar(2)  NOT NULL,
    mc varchar(30) NOT NULL,
    CONSTRAINT pk_dm_xl PRIMARY KEY (dm)
);
COMMENT ON TABLE dm_xl IS '学历码（GB/T 4658）';
COMMENT ON COLUMN dm_xl.dm IS '代码';
COMMENT ON COLUMN dm_xl.mc IS '名称';
INSERT INTO dm_xl VALUES
    ('01', '博士研究生'), ('11', '硕士研究生'), ('21', '大学本科'), ('31', '大学专科');

CREATE TABLE rs_jbxx (
    gh    varchar(10) NOT NULL,
    xm    varchar(60) NOT NULL,
    xb    char(1),
    csrq  date,
    sfzjh varchar(18),
    bmdm  varchar(10),
    zc    varchar(3),
    gwlb  varchar(2),
    xl    varchar(2),
    lxrq  date,
    sjh   varchar(20),
    zt    char(1)     DEFAULT 1,
    CONSTRAINT pk_rs_jbxx PRIMARY KEY (gh),
    CONSTRAINT fk_rs_jbxx_zc FOREIGN KEY (zc) REFERENCES dm_zc (dm),
    CONSTRAINT fk_rs_jbxx_gwlb FOREIGN KEY (gwlb) REFERENCES dm_gwlb (dm),
    CONSTRAINT fk_rs_jbxx_xl FOREIGN KEY (xl) REFERENCES dm_xl (dm)
);
COMMENT ON TABLE rs_jbxx IS '教职工基本信息表';
COMMENT ON COLUMN rs_jbxx.gh    IS '工号';
COMMENT ON COLUMN rs_jbxx.xm    IS '姓名';
COMMENT ON COLUMN rs_jbxx.xb    IS '性别码';
COMMENT ON COLUMN rs_jbxx.csrq  IS '出生日期';
COMMENT ON COLUMN rs_jbxx.sfzjh IS '身份证件号';
COMMENT ON COLUMN rs_jbxx.bmdm  IS '所在部门代码';
COMMENT ON COLUMN rs_jbxx.zc    IS '专业技术职务码';
COMMENT ON COLUMN rs_jbxx.gwlb  IS '岗位类别码';
COMMENT ON COLUMN rs_jbxx.xl    IS '最高学历码';
COMMENT ON COLUMN rs_jbxx.lxrq  IS '来校日期';
COMMENT ON COLUMN rs_jbxx.sjh   IS '手机号';
COMMENT ON COLUMN rs_jbxx.zt    IS '人员状态（1 在职，2 离职，3 离退休）';
INSERT INTO rs_jbxx VALUES
    ('G2001', '教师甲', '1', NULL, NULL, '301', '012', '2', '11', '2008-07-01', NULL, '1'),
    ('G2002', '教师乙', '2', NULL, NULL, '301', '013', '2', '11', '2015-07-01', NULL, '1'),
    ('G2003', '教师丙', '1', NULL, NULL, '302', '011', '2', '01', '2001-07-01', NULL, '1'),
    ('G2004', '教师丁', '2', NULL, NULL, '301', '014', '2', '11', '2022-07-01', NULL, '1'),
    ('G3001', '督导甲', '1', NULL, NULL, '204', '011', '2', '21', '1995-07-01', NULL, '1'),
    ('G1001', '职员甲', '2', NULL, NULL, '201', NULL, '1', '11', '2012-07-01', NULL, '1'),
    ('G9001', '退休教师甲', '1', NULL, NULL, '302', '012', '2', '21', '1985-07-01', NULL, '3');

CREATE TABLE rs_zpjh (
    jhid bigint      NOT NULL,
    nd   char(4)     NOT NULL,
    bmdm varchar(10) NOT NULL,
    gwmc varchar(60) NOT NULL,
    zprs smallint    NOT NULL,
    yqxl varchar(2),
    CONSTRAINT pk_rs_zpjh PRIMARY KEY (jhid),
    CONSTRAINT fk_rs_zpjh_yqxl FOREIGN KEY (yqxl) REFERENCES dm_xl (dm)
);
COMMENT ON TABLE rs_zpjh IS '招聘计划表';
COMMENT ON COLUMN rs_zpjh.jhid IS '计划编号';
COMMENT ON COLUMN rs_zpjh.nd   IS '年度';
COMMENT ON COLUMN rs_zpjh.bmdm IS '用人部门';
COMMENT ON COLUMN rs_zpjh.gwmc IS '岗位名称';
COMMENT ON COLUMN rs_zpjh.zprs IS '招聘人数';
COMMENT ON COLUMN rs_zpjh.yqxl IS '学历要求';
INSERT INTO rs_zpjh VALUES
    (1, '2024', '301', '软件技术专任教师', 2, '11'),
    (2, '2024', '302', '工业机器人专任教师', 1, '11');

CREATE TABLE rs_ypry (
    ypid  bigint       NOT NULL,
    jhid  bigint       NOT NULL,
    xm    varchar(60),
    sfzjh varchar(18),
    bscj  numeric(5,1),
    mscj  numeric(5,1),
    sfly  boolean,
    CONSTRAINT pk_rs_ypry PRIMARY KEY (ypid),
    CONSTRAINT fk_rs_ypry_jhid FOREIGN KEY (jhid) REFERENCES rs_zpjh (jhid)
);
COMMENT ON TABLE rs_ypry IS '应聘人员表';
COMMENT ON COLUMN rs_ypry.ypid  IS '应聘编号';
COMMENT ON COLUMN rs_ypry.jhid  IS '计划编号';
COMMENT ON COLUMN rs_ypry.xm    IS '姓名';
COMMENT ON COLUMN rs_ypry.sfzjh IS '身份证件号';
COMMENT ON COLUMN rs_ypry.bscj  IS '笔试成绩';
COMMENT ON COLUMN rs_ypry.mscj  IS '面试成绩';
COMMENT ON COLUMN rs_ypry.sfly  IS '是否录用';
INSERT INTO rs_ypry VALUES
    (1, 1, '应聘者甲', NULL, 82.0, 88.5, true),
    (2, 1, '应聘者乙', NULL, 79.0, 81.0, false),
    (3, 2, '应聘者丙', NULL, 85.0, 86.0, true);

CREATE TABLE rs_rzlz (
    id bigint       NOT NULL,
    gh varchar(10)  NOT NULL,
    lx varchar(10)  NOT NULL,
    rq date         NOT NULL,
    ht varchar(30),
    bz varchar(200),
    CONSTRAINT pk_rs_rzlz PRIMARY KEY (id),
    CONSTRAINT fk_rs_rzlz_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_rzlz IS '入职离校登记表';
COMMENT ON COLUMN rs_rzlz.id IS '登记号';
COMMENT ON COLUMN rs_rzlz.gh IS '工号';
COMMENT ON COLUMN rs_rzlz.lx IS '类型（入职、调出、辞职、退休）';
COMMENT ON COLUMN rs_rzlz.rq IS '办理日期';
COMMENT ON COLUMN rs_rzlz.ht IS '聘用合同编号';
INSERT INTO rs_rzlz VALUES
    (1, 'G2004', '入职', '2022-07-01', 'HT2022-018', NULL),
    (2, 'G9001', '退休', '2021-03-31', NULL, NULL);

CREATE TABLE rs_lxzcjj (
    id   bigint       NOT NULL,
    gh   varchar(10)  NOT NULL,
    zcqk varchar(300),
    jjrq date,
    jsr  varchar(10),
    CONSTRAINT pk_rs_lxzcjj PRIMARY KEY (id),
    CONSTRAINT fk_rs_lxzcjj_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_lxzcjj IS '离校资产交接表';
COMMENT ON COLUMN rs_lxzcjj.id   IS '交接单号';
COMMENT ON COLUMN rs_lxzcjj.gh   IS '工号';
COMMENT ON COLUMN rs_lxzcjj.zcqk IS '资产交接情况';
COMMENT ON COLUMN rs_lxzcjj.jjrq IS '交接日期';
COMMENT ON COLUMN rs_lxzcjj.jsr  IS '接收人工号';
INSERT INTO rs_lxzcjj VALUES
    (1, 'G9001', '笔记本电脑 1 台已归还', '2021-03-25', 'G1001');

CREATE TABLE rs_zcps (
    psid bigint      NOT NULL,
    gh   varchar(10) NOT NULL,
    nd   char(4)     NOT NULL,
    sbzc varchar(3),
    tpqk varchar(60),
    psjg varchar(10),
    CONSTRAINT pk_rs_zcps PRIMARY KEY (psid),
    CONSTRAINT fk_rs_zcps_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh),
    CONSTRAINT fk_rs_zcps_sbzc FOREIGN KEY (sbzc) REFERENCES dm_zc (dm)
);
COMMENT ON TABLE rs_zcps IS '职称评审表';
COMMENT ON COLUMN rs_zcps.psid IS '评审编号';
COMMENT ON COLUMN rs_zcps.gh   IS '工号';
COMMENT ON COLUMN rs_zcps.nd   IS '申报年度';
COMMENT ON COLUMN rs_zcps.sbzc IS '申报职务';
COMMENT ON COLUMN rs_zcps.tpqk IS '评委会表决情况';
COMMENT ON COLUMN rs_zcps.psjg IS '评审结果';
INSERT INTO rs_zcps VALUES
    (1, 'G2002', '2024', '012', '13 票同意 2 票反对', '通过'),
    (2, 'G2004', '2024', '013', '15 票同意', '通过');

CREATE TABLE rs_zwrm (
    rmid bigint      NOT NULL,
    gh   varchar(10) NOT NULL,
    zw   varchar(40) NOT NULL,
    jb   varchar(20),
    rmlx varchar(4)  NOT NULL,
    rmrq date,
    wh   varchar(60),
    CONSTRAINT pk_rs_zwrm PRIMARY KEY (rmid),
    CONSTRAINT fk_rs_zwrm_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_zwrm IS '职务任免表';
COMMENT ON COLUMN rs_zwrm.rmid IS '任免编号';
COMMENT ON COLUMN rs_zwrm.gh   IS '工号';
COMMENT ON COLUMN rs_zwrm.zw   IS '职务';
COMMENT ON COLUMN rs_zwrm.jb   IS '职务级别';
COMMENT ON COLUMN rs_zwrm.rmlx IS '任或免';
COMMENT ON COLUMN rs_zwrm.rmrq IS '任免日期';
COMMENT ON COLUMN rs_zwrm.wh   IS '任免文号';
INSERT INTO rs_zwrm VALUES
    (1, 'G2003', '机电工程学院院长', '正处级', '任', '2020-09-01', '示党发〔2020〕18 号'),
    (2, 'G1001', '人事科科长', '正科级', '任', '2019-03-01', '示党发〔2019〕6 号');

CREATE TABLE rs_ndkh (
    gh   varchar(10)  NOT NULL,
    nd   char(4)      NOT NULL,
    khdj varchar(10),
    khyj varchar(300),
    CONSTRAINT pk_rs_ndkh PRIMARY KEY (gh, nd),
    CONSTRAINT fk_rs_ndkh_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_ndkh IS '年度考核表';
COMMENT ON COLUMN rs_ndkh.gh   IS '工号';
COMMENT ON COLUMN rs_ndkh.nd   IS '年度';
COMMENT ON COLUMN rs_ndkh.khdj IS '考核等次';
COMMENT ON COLUMN rs_ndkh.khyj IS '考核意见';
INSERT INTO rs_ndkh VALUES
    ('G2001', '2024', '优秀', NULL), ('G2002', '2024', '合格', NULL),
    ('G2003', '2024', '优秀', NULL), ('G1001', '2024', '合格', NULL);

CREATE TABLE rs_px (
    pxid bigint       NOT NULL,
    gh   varchar(10)  NOT NULL,
    pxmc varchar(100) NOT NULL,
    ksrq date,
    xs   smallint,
    zsbh varchar(40),
    CONSTRAINT pk_rs_px PRIMARY KEY (pxid),
    CONSTRAINT fk_rs_px_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_px IS '教职工培训表';
COMMENT ON COLUMN rs_px.pxid IS '培训编号';
COMMENT ON COLUMN rs_px.gh   IS '工号';
COMMENT ON COLUMN rs_px.pxmc IS '培训名称';
COMMENT ON COLUMN rs_px.ksrq IS '开始日期';
COMMENT ON COLUMN rs_px.xs   IS '学时';
COMMENT ON COLUMN rs_px.zsbh IS '证书编号';
INSERT INTO rs_px VALUES
    (1, 'G2001', '双师型教师企业实践', '2024-07-08', 160, NULL),
    (2, 'G2004', '新教师岗前培训', '2022-08-15', 80, NULL);

CREATE TABLE rs_gzbd (
    id   bigint        NOT NULL,
    gh   varchar(10)   NOT NULL,
    bdrq date          NOT NULL,
    gwgz numeric(10,2),
    xjgz numeric(10,2),
    bdyy varchar(60),
    CONSTRAINT pk_rs_gzbd PRIMARY KEY (id),
    CONSTRAINT fk_rs_gzbd_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_gzbd IS '工资变动表';
COMMENT ON COLUMN rs_gzbd.id   IS '变动号';
COMMENT ON COLUMN rs_gzbd.gh   IS '工号';
COMMENT ON COLUMN rs_gzbd.bdrq IS '变动日期';
COMMENT ON COLUMN rs_gzbd.gwgz IS '岗位工资';
COMMENT ON COLUMN rs_gzbd.xjgz IS '薪级工资';
COMMENT ON COLUMN rs_gzbd.bdyy IS '变动原因';
INSERT INTO rs_gzbd VALUES
    (1, 'G2001', '2024-01-01', 3000.00, 2200.00, '正常晋升薪级'),
    (2, 'G2002', '2024-01-01', 2500.00, 1700.00, '正常晋升薪级');

CREATE TABLE rs_dyxx (
    gh   varchar(10)   NOT NULL,
    dzb  varchar(60),
    rdrq date,
    zzrq date,
    dfjs numeric(10,2),
    CONSTRAINT pk_rs_dyxx PRIMARY KEY (gh)
);
COMMENT ON TABLE rs_dyxx IS '党员信息表';
COMMENT ON COLUMN rs_dyxx.gh   IS '工号';
COMMENT ON COLUMN rs_dyxx.dzb  IS '党支部';
COMMENT ON COLUMN rs_dyxx.rdrq IS '入党日期';
COMMENT ON COLUMN rs_dyxx.zzrq IS '转正日期';
COMMENT ON COLUMN rs_dyxx.dfjs IS '党费基数';
INSERT INTO rs_dyxx VALUES
    ('G2003', '机电工程学院教工党支部', '2004-06-20', '2005-06-20', NULL),
    ('G1001', '机关第二党支部', '2010-12-01', '2011-12-01', NULL);

CREATE TABLE rs_ghhd (
    hdid bigint       NOT NULL,
    hdmc varchar(100) NOT NULL,
    zbdw varchar(60),
    hdrq date,
    cyrs smallint,
    CONSTRAINT pk_rs_ghhd PRIMARY KEY (hdid)
);
COMMENT ON TABLE rs_ghhd IS '工会与党团活动表';
COMMENT ON COLUMN rs_ghhd.hdid IS '活动编号';
COMMENT ON COLUMN rs_ghhd.hdmc IS '活动名称';
COMMENT ON COLUMN rs_ghhd.zbdw IS '主办单位';
COMMENT ON COLUMN rs_ghhd.hdrq IS '活动日期';
COMMENT ON COLUMN rs_ghhd.cyrs IS '参与人数';
INSERT INTO rs_ghhd VALUES
    (1, '主题党日活动', '机关第二党支部', '2024-07-01', 35),
    (2, '教职工趣味运动会', '校工会', '2024-10-25', 260);

CREATE TABLE rs_cgzj (
    zjid bigint      NOT NULL,
    gh   varchar(10) NOT NULL,
    zjlx varchar(20),
    zjhm varchar(20),
    yxqz date,
    bgzt varchar(10),
    CONSTRAINT pk_rs_cgzj PRIMARY KEY (zjid),
    CONSTRAINT fk_rs_cgzj_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_cgzj IS '因公出国证件表';
COMMENT ON COLUMN rs_cgzj.zjid IS '证件记录号';
COMMENT ON COLUMN rs_cgzj.gh   IS '工号';
COMMENT ON COLUMN rs_cgzj.zjlx IS '证件类型';
COMMENT ON COLUMN rs_cgzj.zjhm IS '证件号码';
COMMENT ON COLUMN rs_cgzj.yxqz IS '有效期至';
COMMENT ON COLUMN rs_cgzj.bgzt IS '保管状态';
INSERT INTO rs_cgzj VALUES
    (1, 'G2003', '因公护照', NULL, '2027-05-31', '在库');

CREATE TABLE rs_cgcf (
    cfid bigint       NOT NULL,
    tzmc varchar(100) NOT NULL,
    gh   varchar(10)  NOT NULL,
    mddg varchar(40)  NOT NULL,
    ksrq date,
    jsrq date,
    cfrw varchar(300),
    CONSTRAINT pk_rs_cgcf PRIMARY KEY (cfid),
    CONSTRAINT fk_rs_cgcf_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_cgcf IS '出国出访表';
COMMENT ON COLUMN rs_cgcf.cfid IS '出访编号';
COMMENT ON COLUMN rs_cgcf.tzmc IS '团组名称';
COMMENT ON COLUMN rs_cgcf.gh   IS '工号';
COMMENT ON COLUMN rs_cgcf.mddg IS '目的地';
COMMENT ON COLUMN rs_cgcf.ksrq IS '出境日期';
COMMENT ON COLUMN rs_cgcf.jsrq IS '入境日期';
COMMENT ON COLUMN rs_cgcf.cfrw IS '出访任务';
INSERT INTO rs_cgcf VALUES
    (1, '职业教育合作交流团', 'G2003', '某国', '2024-11-03', '2024-11-09', '合作办学洽谈');

CREATE TABLE rs_ltx (
    gh    varchar(10) NOT NULL,
    ltxlb varchar(10) NOT NULL,
    ltxrq date        NOT NULL,
    dylb  varchar(20),
    lxr   varchar(60),
    fwjl  text,
    CONSTRAINT pk_rs_ltx PRIMARY KEY (gh),
    CONSTRAINT fk_rs_ltx_gh FOREIGN KEY (gh) REFERENCES rs_jbxx (gh)
);
COMMENT ON TABLE rs_ltx IS '离退休人员表';
COMMENT ON COLUMN rs_ltx.gh    IS '工号';
COMMENT ON COLUMN rs_ltx.ltxlb IS '离退休类别';
COMMENT ON COLUMN rs_ltx.ltxrq IS '离退休日期';
COMMENT ON COLUMN rs_ltx.dylb  IS '待遇类别';
COMMENT ON COLUMN rs_ltx.fwjl  IS '走访慰问记录';
INSERT INTO rs_ltx VALUES
    ('G9001', '退休', '2021-03-31', '事业单位退休', NULL, '2025 年春节走访慰问');

CREATE VIEW v_rs_sztj AS
SELECT j.bmdm, z.jb AS zcjb, x.mc AS xl, count(*) AS rs
  FROM rs_jbxx j
  LEFT JOIN dm_zc z ON z.dm = j.zc
  LEFT JOIN dm_xl x ON x.dm = j.xl
 WHERE j.zt = '1'
 GROUP BY j.bmdm, z.jb, x.mc;
COMMENT ON VIEW v_rs_sztj IS '师资结构统计视图';
